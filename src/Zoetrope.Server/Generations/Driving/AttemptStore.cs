using Zoetrope.Server.Generations.Gating;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>
/// The table <c>attempts</c>: one row per submission to one provider, written as the intent before the first byte goes
/// out. It is the record of what may have been paid for.
/// </summary>
internal static class AttemptStore
{
    public const string Intended = "intended";
    public const string Accepted = "accepted";
    public const string Refused = "refused";

    /// <summary>Nobody knows yet.</summary>
    public const string Unknown = "unknown";

    /// <summary>Nobody will ever know; in suspense.</summary>
    public const string Unresolved = "unresolved";

    public const string Ended = "ended";

    private const string InsertSql =
        """
        insert into attempts (
            id, account_id, generation_id, number, provider, provider_model, state, fence,
            request_hash, owner, key_id, callback_token, cost_micros, cost_source, created_at, updated_at)
        select
            @id, @account, @generation, @number, @provider, @providerModel, 'intended', @fence,
            @requestHash, @owner, @key, @callbackToken, @costMicros, @costSource, @now, @now
        where coalesce((select version from provider_gates where provider = @provider), 0) = @seenGate
        """;

    /// <summary>Writes the intent, if the provider's gate is still as it was when it let the submit through.</summary>
    /// <exception cref="GateMovedException">It is not; nothing may be sent.</exception>
    public static async Task InsertAsync(
        Tx tx, Generation generation, AttemptIntent intent, long seenGate, string owner, DateTimeOffset now)
    {
        if (await tx.ExecuteAsync(InsertSql, Values(generation, intent, seenGate, owner, now)) != 1)
        {
            throw new GateMovedException();
        }
    }

    // A vendor without ids of its own gives many attempts the same; a handle that is a whole answer is no id.
    private const string Taken =
        "exists (select 1 from attempts o where o.provider_task_id = @providerTaskId and o.provider = attempts.provider "
        + "and o.id <> attempts.id)";

    private const string Owned = $"case when length(@providerTaskId) > 500 or {Taken} then null else 1 end";

    private const string StateSql =
        $"""
        update attempts set state = @state, provider_task_id = coalesce(@providerTaskId, provider_task_id),
            owns_job = case when @providerTaskId is null then owns_job else {Owned} end,
            request_id = coalesce(@requestId, request_id), error = coalesce(@error, error), updated_at = @now,
            ready_at = coalesce(@readyAt, ready_at),
            cost_micros = case when @costSource is null or cost_source = 'none' then cost_micros else @costMicros end,
            cost_source = case when @costSource is null or cost_source = 'none' then cost_source else @costSource end
        where id = @attemptId and (@mustOwn = 0 or not {Taken})
        """;

    /// <exception cref="JobTakenException">The outcome is a job that was looked up, and it belongs to another attempt.</exception>
    public static async Task SetStateAsync(Tx tx, string attemptId, AttemptOutcome outcome, DateTimeOffset now)
    {
        var changed = await tx.ExecuteAsync(StateSql, new
        {
            attemptId,
            mustOwn = outcome.IsLookedUp ? 1L : 0L,
            state = outcome.State,
            providerTaskId = outcome.ProviderTaskId,
            requestId = outcome.RequestId,
            error = outcome.Error,
            readyAt = outcome.ReadyAt?.ToUnixTimeMilliseconds(),
            costMicros = outcome.Cost?.Micros,
            costSource = outcome.Cost?.Source,
            now = now.ToUnixTimeMilliseconds(),
        });
        if (changed == 0 && outcome.IsLookedUp)
        {
            throw new JobTakenException();
        }
    }

    /// <summary>
    /// Takes the handle that a callback brought for an attempt whose submit has no answer yet; false if it is known already, or
    /// belongs to another attempt.
    /// </summary>
    public static async Task<bool> AdoptAsync(Tx tx, string attemptId, string providerTaskId, DateTimeOffset now) => await tx.ExecuteAsync(
        $"""
        update attempts set provider_task_id = @providerTaskId, owns_job = {Owned}, updated_at = @now
        where id = @attemptId and provider_task_id is null and state in ('intended', 'unknown') and not {Taken}
        """,
        new { attemptId, providerTaskId, now = now.ToUnixTimeMilliseconds() }) == 1;

    /// <summary>Notes the handle of an answer that came too late to move its generation: what may be billed can be found.</summary>
    public static Task KeepHandleAsync(Tx tx, string attemptId, string providerTaskId, string? requestId, DateTimeOffset now) =>
        tx.ExecuteAsync(
            $"""
            update attempts set provider_task_id = @providerTaskId, owns_job = {Owned}, request_id = coalesce(request_id, @requestId), updated_at = @now
            where id = @attemptId and provider_task_id is null
            """,
            new { attemptId, providerTaskId, requestId, now = now.ToUnixTimeMilliseconds() });

    /// <summary>Which of these jobs other attempts of the provider have.</summary>
    public static async ValueTask<IReadOnlySet<string>> TakenAsync(Session session, Attempt attempt, IReadOnlyCollection<string> handles)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var some in handles.Chunk(100))
        {
            taken.UnionWith(await session.QueryAsync<string>(
                $"select provider_task_id from attempts where provider_task_id {(session.Dialect is SqlDialect.Postgres ? "= any(@some)" : "in @some")} "
                + "and provider = @provider and id <> @id",
                new { some, provider = attempt.Provider, id = attempt.Id }));
        }

        return taken;
    }

    /// <summary>Whether no other attempt asked the provider for the same, about then or later, and has no job that is known.</summary>
    public static async ValueTask<bool> IsOnlyAsync(Session session, Attempt attempt, string fromId) => !await session.ScalarAsync<bool>(
        """
        select exists (
            select 1 from attempts
            where id >= @fromId and id <> @id and provider = @provider and request_hash = @hash
                and provider_task_id is null and state in ('intended', 'unknown', 'unresolved'))
        """,
        new { fromId, id = attempt.Id, provider = attempt.Provider, hash = attempt.RequestHash });

    public static async ValueTask<Attempt?> FindAsync(Session session, string attemptId) =>
        await session.FirstOrDefaultAsync<Attempt>(
            "select id, account_id, generation_id, number, provider, provider_model, state, request_hash, owner, provider_task_id, "
            + "callback_token, created_at from attempts where id = @attemptId",
            new { attemptId });

    private static object Values(Generation generation, AttemptIntent intent, long seenGate, string owner, DateTimeOffset now) => new
    {
        id = generation.AttemptId,
        account = generation.AccountId,
        generation = generation.Id,
        number = (long)generation.Attempts,
        provider = generation.Provider,
        providerModel = intent.ProviderModel,
        fence = generation.Version,
        requestHash = intent.RequestHash,
        owner,
        key = intent.KeyId,
        callbackToken = intent.CallbackToken,
        costMicros = intent.Cost.Micros,
        costSource = intent.Cost.Source,
        now = now.ToUnixTimeMilliseconds(),
        seenGate,
    };
}

/// <summary>What an attempt is about to do.</summary>
/// <param name="ProviderModel">The vendor's model id.</param>
/// <param name="RequestHash">What was asked, for comparisons.</param>
/// <param name="KeyId">The fingerprint of the key.</param>
/// <param name="CallbackToken">The secret part of the attempt's callback URL.</param>
/// <param name="Cost">What it will cost if the vendor takes it, as far as this is known before.</param>
internal sealed record AttemptIntent(string ProviderModel, string RequestHash, string KeyId, string? CallbackToken, AttemptCost Cost);

/// <summary>What became of an attempt; nulls leave what is known.</summary>
internal sealed record AttemptOutcome(string State, string? ProviderTaskId = null, string? RequestId = null, string? Error = null)
{
    /// <summary>The job was found by a lookup: it is this attempt's only if no other has it.</summary>
    public bool IsLookedUp { get; init; }

    /// <summary>When the provider had finished.</summary>
    public DateTimeOffset? ReadyAt { get; init; }

    /// <summary>What it costs after all: nothing where it was refused, and nobody knows where its outcome stays unknown.</summary>
    public AttemptCost? Cost { get; init; } = State switch
    {
        AttemptStore.Refused => AttemptCost.None,
        AttemptStore.Unresolved => AttemptCost.Unknown,
        _ => null,
    };
}

/// <summary>The job that a lookup found belongs to another attempt.</summary>
internal sealed class JobTakenException() : Exception("The job belongs to another attempt.");

/// <summary>A row of <c>attempts</c>; times are milliseconds.</summary>
internal sealed class Attempt
{
    public string Id { get; init; } = "";

    public string AccountId { get; init; } = "";

    public string GenerationId { get; init; } = "";

    public long Number { get; init; }

    public string Provider { get; init; } = "";

    public string ProviderModel { get; init; } = "";

    public string State { get; init; } = "";

    /// <summary>What was asked.</summary>
    public string RequestHash { get; init; } = "";

    public string Owner { get; init; } = "";

    public string? ProviderTaskId { get; init; }

    /// <summary>The secret part of the attempt's callback URL; null where the vendor was given none.</summary>
    public string? CallbackToken { get; init; }

    public long CreatedAt { get; init; }
}
