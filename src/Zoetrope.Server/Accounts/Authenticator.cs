using System.Net;
using Microsoft.Extensions.Primitives;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Accounts;

/// <summary>
/// From an Authorization header to a <see cref="Caller"/>: one point read by hash, after everything that the text alone
/// can rule out was refused. It runs on every request, so it allocates little and asks the database once.
/// </summary>
internal sealed class Authenticator(Database database, InvalidKeyThrottle throttle, TimeProvider time)
{
    // The counter is read with the key, because every answer to a limited plan states what is left of the day.
    private const string Lookup = """
        select k.account_id, k.id, k.mode, k.scopes, k.requests_per_minute, k.in_flight_limit, k.expires_at, a.plan,
            k.spend_per_day, k.ask_above, coalesce(k.spends_with, k.id),
            case when a.plan = 'enterprise' then 0
                else coalesce((select u.requests from account_usage u where u.account_id = k.account_id and u.day = @day), 0) end,
            k.person_id, k.spend_per_week, k.spend_per_month, k.spend_in_all, k.models, k.addresses
        from api_keys k join accounts a on a.id = k.account_id
        where k.hash = @hash and k.revoked_at is null and k.kind = 'key'
        """;

    // A grant works only while the key that gave it works, with its models and from its networks.
    private const string GrantLookup = """
        select k.account_id, k.id, k.mode, k.scopes, k.requests_per_minute, k.in_flight_limit,
            case when p.expires_at is null or k.expires_at < p.expires_at then k.expires_at else p.expires_at end,
            a.plan, k.spend_per_day, k.ask_above, coalesce(k.spends_with, k.id),
            coalesce((select u.requests from account_usage u where u.account_id = k.account_id and u.day = @day), 0),
            p.person_id, k.spend_per_week, k.spend_per_month, k.spend_in_all, p.models, p.addresses,
            coalesce(p.spends_with, p.id), p.spend_per_day, p.spend_per_week, p.spend_per_month, p.spend_in_all
        from api_keys k join api_keys p on p.id = k.parent_id join accounts a on a.id = k.account_id
        where k.id = @id and k.kind = 'grant' and k.revoked_at is null and p.revoked_at is null
        """;

    // Of a caller that was let in before: whatever ended it since.
    private const string Standing = """
        select a.plan from api_keys k join accounts a on a.id = k.account_id left join api_keys p on p.id = k.parent_id
        where k.id = @id and k.revoked_at is null and (k.expires_at is null or k.expires_at > @now)
            and p.revoked_at is null and (p.expires_at is null or p.expires_at > @now)
        """;

    // The texts without a full stop are VicSee's own.
    private static readonly Problem Missing = Problems.MissingAuthHeader.With("Missing Authorization header");
    private static readonly Problem BadFormat = Problems.InvalidAuthFormat.With("Invalid Authorization format (use \"Bearer sk-xxx\")");
    private static readonly Problem NotAKey = Problems.InvalidKeyFormat.With("Invalid API key format");
    private static readonly Problem Invalid = Problems.InvalidApiKey.With("Invalid or inactive API key");
    private static readonly Problem InvalidToken = Problems.InvalidApiKey.With("Invalid or expired access token.");
    private static readonly Problem NoAccess = Problems.Forbidden.With("This account's plan has no API access.");

    private readonly CallerCache _cache = new(time);

    /// <summary>Reads every key again: this process has just changed one.</summary>
    public void Forget() => _cache.Clear();

    /// <summary>The same, and returns when other nodes have forgotten too: whoever revokes is told so once it is true everywhere.</summary>
    public Task ForgetEverywhereAsync()
    {
        Forget();
        return database.Dialect is SqlDialect.Postgres ? Task.Delay(CallerCache.MaxAge, TimeProvider.System) : Task.CompletedTask;
    }

    /// <summary>The caller, or why not. Unknown, mistyped, revoked and expired keys get the same words.</summary>
    public async ValueTask<Outcome<Caller>> AuthenticateAsync(StringValues authorization, IPAddress? remote, Scopes needed)
    {
        var now = time.GetUtcNow();
        var header = authorization.Count == 1 ? authorization[0]! : "";
        if (_cache.Find(header) is { } recent && recent.ExpiresAt > now.ToUnixTimeMilliseconds())
        {
            return Permit(await WithUsageAsync(recent.Caller, now), remote, needed);
        }

        if (Bearer(authorization, out var token) is { } problem)
        {
            return problem;
        }

        var shape = ApiKeys.ShapeOf(token);
        if (shape != KeyShape.WellFormed)
        {
            return throttle.Count(remote) ?? (shape == KeyShape.NotAKey ? NotAKey : Invalid);
        }

        var readAt = time.GetTimestamp();
        var known = await ReadAsync(ApiKeys.Hash(token), UtcDay.Of(now));
        if (known is null || known.ExpiresAt <= now.ToUnixTimeMilliseconds())
        {
            return throttle.Count(remote) ?? Invalid;
        }

        _cache.Remember(header, known, readAt);
        return Permit(known.Caller, remote, needed);
    }

    /// <summary>
    /// As above, for an access token, which represents a grant; <paramref name="read"/> returns it, or null if it is not one of ours.
    /// </summary>
    public async ValueTask<Outcome<Caller>> AuthenticateGrantAsync(
        string header, IPAddress? remote, Func<Task<AccessToken?>> read, Scopes needed)
    {
        var now = time.GetUtcNow();
        if (_cache.Find(header) is { } recent && recent.ExpiresAt > now.ToUnixTimeMilliseconds())
        {
            return Permit(await WithUsageAsync(recent.Caller, now), remote, needed);
        }

        if (await read() is not { } token)
        {
            // Never 429: a program renews a token that was called invalid, and nobody guesses a signature.
            return InvalidToken;
        }

        var readAt = time.GetTimestamp();
        var known = await database.ReadAsync(session => ReadGrantAsync(session, token.GrantId, UtcDay.Of(now)));
        if (known is null || known.ExpiresAt <= now.ToUnixTimeMilliseconds())
        {
            return InvalidToken;
        }

        // Within one long request the token is read once, so its end is looked at here too.
        var expiresAt = Math.Min(known.ExpiresAt, token.ExpiresAt.ToUnixTimeMilliseconds());
        if (expiresAt <= now.ToUnixTimeMilliseconds())
        {
            return InvalidToken;
        }

        known = new KnownKey(known.Caller with { OnlyAt = token.OnlyAt, EndsAt = expiresAt }, expiresAt);
        _cache.Remember(header, known, readAt);
        return Permit(known.Caller, remote, needed);
    }

    /// <summary>
    /// As above, for a credential that another folder reads: <paramref name="read"/> gets the UTC day and returns what stands behind it.
    /// An account without API access has people all the same, so the plan is looked at only where one is needed.
    /// </summary>
    /// <param name="name">What it is remembered by; no Authorization header reads so.</param>
    /// <param name="read">Reads it.</param>
    /// <param name="needed">What the caller must be allowed.</param>
    /// <param name="needsPlan">Whether the plan must have API access.</param>
    /// <returns>Null where it is unknown or has ended.</returns>
    public async ValueTask<Outcome<Caller>?> AuthenticateOtherAsync(
        string name, Func<long, ValueTask<KnownKey?>> read, Scopes needed, bool needsPlan)
    {
        var now = time.GetUtcNow();
        if (_cache.Find(name) is { } recent && recent.ExpiresAt > now.ToUnixTimeMilliseconds())
        {
            var caller = await WithUsageAsync(recent.Caller, now);
            return needsPlan ? Permit(caller, remote: null, needed) : caller;
        }

        var readAt = time.GetTimestamp();
        if (await read(UtcDay.Of(now)) is not { } known || known.ExpiresAt <= now.ToUnixTimeMilliseconds())
        {
            return null;
        }

        _cache.Remember(name, known, readAt);
        return needsPlan ? Permit(known.Caller, remote: null, needed) : known.Caller;
    }

    /// <summary>
    /// Whether a caller that was let in before would be now. It asks for the key or grant itself, whichever it is, and not with
    /// the header: the end of a credential that was good is nobody's wrong key.
    /// </summary>
    public async ValueTask<bool> StillWorksAsync(Caller caller)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return caller.EndsAt > now
            && await database.ReadAsync(async session => await session.FirstOrDefaultAsync<string>(
                Standing, new { id = caller.Session?.Id ?? caller.ApiKeyId, now })) is { } plan
            && Plans.Stored(plan).HasApiAccess;
    }

    /// <summary>The refusal of a caller that may not do this; null if it may.</summary>
    public static Problem? Lacks(Caller caller, Scopes needed)
    {
        var lacking = needed & ~caller.Scopes;
        return lacking == Scopes.None ? null : Problems.Forbidden.With(caller.Session is null
            ? $"This API key lacks the scope `{lacking.Words()[0]}`."
            : $"Your role in this account does not include `{lacking.Words()[0]}`. Ask an owner or admin of the account.");
    }

    /// <summary>Reads exactly one header of the form <c>Bearer token</c>; the token is what the caller of this method checks.</summary>
    internal static Problem? Bearer(StringValues authorization, out string token)
    {
        token = "";
        if (authorization.Count == 0)
        {
            return Missing;
        }

        var value = authorization.Count == 1 ? authorization[0].AsSpan().Trim() : default;
        if (value.IsEmpty)
        {
            return authorization.Count == 1 ? Missing : BadFormat;
        }

        if (value.Length < 8 || !value.StartsWith("Bearer", StringComparison.OrdinalIgnoreCase) || value[6] is not (' ' or '\t'))
        {
            return BadFormat;
        }

        var rest = value[7..].TrimStart();
        if (rest.IsEmpty || rest.ContainsAny(' ', '\t', ','))
        {
            return BadFormat;
        }

        token = rest.ToString();
        return null;
    }

    private static Outcome<Caller> Permit(Caller caller, IPAddress? remote, Scopes needed)
    {
        if (!caller.Plan.HasApiAccess)
        {
            return NoAccess;
        }

        return !caller.Limits.AllowAddress(remote)
            ? Problems.AddressNotAllowed.With(
                $"This credential may not be used from {remote?.ToString() ?? "this address"}. Whoever manages the account's keys can change that.")
            : Lacks(caller, needed) is { } lacking ? lacking : caller;
    }

    /// <summary>The count of the day is never remembered: answers state what is left of it.</summary>
    private async ValueTask<Caller> WithUsageAsync(Caller caller, DateTimeOffset now) => caller.Plan.RequestsPerDay is null
        ? caller
        : caller with
        {
            UsedToday = await database.ReadAsync(
                async session => await UsageCounters.TodayAsync(session, caller.AccountId, UtcDay.Of(now))),
        };

    private ValueTask<KnownKey?> ReadAsync(byte[] hash, long day) => database.ReadAsync(session =>
        session.Dialect == SqlDialect.Sqlite ? new(Read(session, hash, day)) : ReadOverWireAsync(session, hash, day));

    private static KnownKey? Read(Session session, byte[] hash, long day)
    {
        var statement = session.Statement(Lookup).Bind("day", day).Bind("hash", hash);
        var known = statement.Step() ? Map(new StatementRow(statement)) : null;
        statement.Reset();
        return known;
    }

    private static async ValueTask<KnownKey?> ReadOverWireAsync(Session session, byte[] hash, long day) =>
        (await session.RowsAsync(Lookup, new { hash, day }, static row => Map(new ReaderRow(row)))).FirstOrDefault();

    private static async ValueTask<KnownKey?> ReadGrantAsync(Session session, string id, long day) =>
        (await session.RowsAsync(GrantLookup, new { id, day }, static row =>
        {
            var known = Map(new ReaderRow(row));
            var given = new ReaderRow(row);
            var granter = new Granter(row.GetString(18), KeyLimits.None with
            {
                SpendPerDay = Number(given, 19),
                SpendPerWeek = Number(given, 20),
                SpendPerMonth = Number(given, 21),
                SpendInAll = Number(given, 22),
            });
            return known with { Caller = known.Caller with { Granter = granter } };
        })).FirstOrDefault();

    /// <summary>From the first eighteen columns of a lookup.</summary>
    public static KnownKey Map<TRow>(TRow row)
        where TRow : struct, IRow
    {
        var caller = new Caller(
            row.Text(0),
            row.Text(1),
            (KeyMode)row.Int64(2),
            Plans.Stored(row.Text(7)),
            (Scopes)row.Int64(3),
            LimitsOf(row))
        {
            SpendsWith = row.Text(10),
            UsedToday = row.Int64(11),
            PersonId = row.IsNull(12) ? null : row.Text(12),
            EndsAt = row.IsNull(6) ? long.MaxValue : row.Int64(6),
        };
        return new KnownKey(caller, caller.EndsAt);
    }

    private static KeyLimits LimitsOf<TRow>(TRow row)
        where TRow : struct, IRow
    {
        if (row.IsNull(4) && row.IsNull(5) && row.IsNull(8) && row.IsNull(9)
            && row.IsNull(13) && row.IsNull(14) && row.IsNull(15) && row.IsNull(16) && row.IsNull(17))
        {
            return KeyLimits.None;
        }

        return new KeyLimits((int?)Number(row, 4), (int?)Number(row, 5))
        {
            SpendPerDay = Number(row, 8),
            SpendPerWeek = Number(row, 13),
            SpendPerMonth = Number(row, 14),
            SpendInAll = Number(row, 15),
            AskAbove = Number(row, 9),
            Models = row.IsNull(16) ? null : KeyLists.Models(row.Text(16)),
            Addresses = row.IsNull(17) ? null : KeyLists.Addresses(row.Text(17)),
        };
    }

    private static long? Number<TRow>(TRow row, int column)
        where TRow : struct, IRow => row.IsNull(column) ? null : row.Int64(column);
}

/// <summary>What a valid access token says.</summary>
/// <param name="GrantId">The grant it represents.</param>
/// <param name="ExpiresAt">When it stops working.</param>
/// <param name="OnlyAt">The path of the resource it was issued for; null for the whole server.</param>
internal sealed record AccessToken(string GrantId, DateTimeOffset ExpiresAt, string? OnlyAt);
