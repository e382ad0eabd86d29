using System.Net;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;
using Zoetrope.Server;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Accounts;

/// <summary>Who gets in and who does not, on either database.</summary>
public abstract class AuthenticatorConformance : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 1, 8, 0, 0, TimeSpan.Zero));
    private Authenticator _authenticator = null!;
    private Account _account = null!;

    private protected abstract SqlDialect Dialect { get; }

    private protected TestDatabase Db { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Db = await TestDatabase.CreateAsync(Dialect);
        _authenticator = new Authenticator(Db.Database, new InvalidKeyThrottle(_time), _time);
        _account = await Db.Database.InTransactionAsync(tx => new AccountStore(_time).CreateAsync(tx, "A", Plans.Pro));
    }

    public async ValueTask DisposeAsync()
    {
        if (Db is not null)
        {
            await Db.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_good_key_makes_the_caller_it_was_made_for()
    {
        var created = await CreateAsync(wanted => wanted with { Scopes = Scopes.Read, Limits = new KeyLimits(60, 3) });
        await Db.Database.InTransactionAsync(tx => UsageCounters.AddAsync(tx, _account.Id, UtcDay.Of(_time.GetUtcNow()), 7));

        for (var i = 0; i < 3; i++)
        {
            var caller = (await AuthenticateAsync($"bearer  {created.Secret} ", Scopes.Read)).Value;

            Assert.Equal((_account.Id, created.Key.Id, KeyMode.Test), (caller.AccountId, caller.ApiKeyId, caller.Mode));
            Assert.Equal((Plans.Pro, Scopes.Read, new KeyLimits(60, 3), 7L), (caller.Plan, caller.Scopes, caller.Limits, caller.UsedToday));
        }
    }

    [Fact]
    public async Task Only_the_hash_is_stored()
    {
        var created = await CreateAsync();

        var hash = await Db.ScalarAsync<byte[]>("select hash from api_keys");

        Assert.Equal(ApiKeys.Hash(created.Secret), hash);
    }

    [Theory]
    [InlineData(null, "MISSING_AUTH_HEADER", "Missing Authorization header")]
    [InlineData("", "MISSING_AUTH_HEADER", "Missing Authorization header")]
    [InlineData("Basic abc", "INVALID_AUTH_FORMAT", null)]
    [InlineData("Bearer", "INVALID_AUTH_FORMAT", null)]
    [InlineData("Bearer ", "INVALID_AUTH_FORMAT", null)]
    [InlineData("Bearersk-test", "INVALID_AUTH_FORMAT", null)]
    [InlineData("Bearer sk-a sk-b", "INVALID_AUTH_FORMAT", null)]
    [InlineData("Bearer sk-a,Bearer sk-b", "INVALID_AUTH_FORMAT", null)]
    [InlineData("Bearer abc", "INVALID_KEY_FORMAT", "Invalid API key format")]
    [InlineData("Bearer sk-abc123def456", "INVALID_API_KEY", "Invalid or inactive API key")]
    [InlineData("Bearer sk-' or 1=1;--", "INVALID_AUTH_FORMAT", null)]
    [InlineData("Bearer sk-'or'1'='1", "INVALID_API_KEY", "Invalid or inactive API key")]
    public async Task Bad_headers_have_their_own_codes(string? header, string code, string? message)
    {
        var problem = (await AuthenticateAsync(header)).Problem!;

        Assert.Equal((code, 401), (problem.Kind.Code, problem.Kind.Status));
        Assert.Equal(message ?? problem.Message, problem.Message);
    }

    [Fact]
    public async Task Two_headers_are_refused_even_if_both_are_good()
    {
        var secret = (await CreateAsync()).Secret;

        var outcome = await _authenticator.AuthenticateAsync(new StringValues([$"Bearer {secret}", $"Bearer {secret}"]), null, Scopes.Read);

        Assert.Equal(Problems.InvalidAuthFormat, outcome.Problem!.Kind);
    }

    [Fact]
    public async Task Unknown_revoked_and_expired_keys_get_the_same_answer()
    {
        var revoked = await CreateAsync();
        await Db.Database.InTransactionAsync(tx => new ApiKeyStore(_time).RevokeAsync(tx, _account.Id, revoked.Key.Id));
        var expiring = await CreateAsync(wanted => wanted with { ExpiresAt = _time.GetUtcNow().AddHours(1) });
        Assert.Null((await AuthenticateAsync($"Bearer {expiring.Secret}")).Problem);
        _time.Advance(TimeSpan.FromHours(1));

        foreach (var secret in new[] { revoked.Secret, expiring.Secret, ApiKeys.New(KeyMode.Live) })
        {
            var problem = (await AuthenticateAsync($"Bearer {secret}")).Problem!;
            Assert.Equal((Problems.InvalidApiKey, "Invalid or inactive API key"), (problem.Kind, problem.Message));
        }
    }

    [Fact]
    public async Task A_revocation_is_felt_within_two_seconds()
    {
        var created = await CreateAsync();
        Assert.Null((await AuthenticateAsync($"Bearer {created.Secret}")).Problem);

        await Db.Database.InTransactionAsync(tx => new ApiKeyStore(_time).RevokeAsync(tx, _account.Id, created.Key.Id));
        _time.Advance(CallerCache.MaxAge);

        Assert.Equal(Problems.InvalidApiKey, (await AuthenticateAsync($"Bearer {created.Secret}")).Problem?.Kind);
    }

    [Fact]
    public async Task A_plan_without_access_and_a_missing_scope_are_forbidden()
    {
        var reader = await CreateAsync(wanted => wanted with { Scopes = Scopes.Read });
        Assert.Equal(Problems.Forbidden, (await AuthenticateAsync($"Bearer {reader.Secret}", Scopes.Generate)).Problem!.Kind);
        Assert.Null((await AuthenticateAsync($"Bearer {reader.Secret}", Scopes.Read)).Problem);

        await Db.Database.InTransactionAsync(tx => AccountStore.ChangePlanAsync(tx, _account.Id, Plans.Free));
        _time.Advance(CallerCache.MaxAge);

        Assert.Equal(Problems.Forbidden, (await AuthenticateAsync($"Bearer {reader.Secret}", Scopes.Read)).Problem!.Kind);
    }

    [Fact]
    public async Task Rotation_gives_a_new_secret_and_lets_the_old_one_work_for_the_grace()
    {
        var old = await CreateAsync(wanted => wanted with { Limits = new KeyLimits(5, null) });

        var rotated = await Db.Database.InTransactionAsync(tx => new ApiKeyStore(_time).RotateAsync(tx, _account.Id, old.Key.Id, TimeSpan.FromMinutes(5)));

        Assert.Equal(new KeyLimits(5, null), (await AuthenticateAsync($"Bearer {rotated!.Secret}")).Value.Limits);
        Assert.Null((await AuthenticateAsync($"Bearer {old.Secret}")).Problem);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.NotNull((await AuthenticateAsync($"Bearer {old.Secret}")).Problem);
        Assert.Null((await AuthenticateAsync($"Bearer {rotated.Secret}")).Problem);
    }

    [Fact]
    public async Task Bad_keys_are_throttled_and_a_good_one_from_the_same_address_is_not()
    {
        var good = await CreateAsync();
        var refused = 0;
        for (var i = 0; i < 200; i++)
        {
            var problem = (await AuthenticateAsync($"Bearer {ApiKeys.New(KeyMode.Test)}")).Problem!;
            refused += problem.Kind == Problems.RateLimited ? 1 : 0;
            Assert.Null((await AuthenticateAsync($"Bearer {good.Secret}")).Problem);
        }

        Assert.Equal(200 - InvalidKeyThrottle.AllowedPerMinute, refused);
    }

    private protected ValueTask<Outcome<Caller>> AuthenticateAsync(string? header, Scopes scopes = Scopes.All) =>
        _authenticator.AuthenticateAsync(header is null ? StringValues.Empty : new StringValues(header), IPAddress.Loopback, scopes);

    private protected Task<CreatedKey> CreateAsync(Func<NewApiKey, NewApiKey>? with = null)
    {
        var wanted = new NewApiKey(_account.Id, KeyMode.Test, "key");
        return Db.Database.InTransactionAsync(tx => new ApiKeyStore(_time).CreateAsync(tx, with?.Invoke(wanted) ?? wanted));
    }
}

public sealed class SqliteAuthenticatorTests : AuthenticatorConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;

    [Fact]
    public async Task A_broken_key_is_refused_without_the_database()
    {
        var key = (await CreateAsync()).Secret;
        await Db.Database.DisposeAsync();
        File.Delete(Db.SqlitePath);

        var outcome = await AuthenticateAsync($"Bearer {key[..^1]}{(key[^1] == 'A' ? 'B' : 'A')}");

        Assert.Equal(Problems.InvalidApiKey, outcome.Problem!.Kind);
        Assert.False(File.Exists(Db.SqlitePath));
    }
}

public sealed class PostgresAuthenticatorTests : AuthenticatorConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
