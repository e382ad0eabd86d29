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

    public static Task InsertAsync(Tx tx, Generation generation, AttemptIntent intent, string owner, DateTimeOffset now) => tx.ExecuteAsync(
        """
        insert into attempts (
            id, account_id, generation_id, number, provider, provider_model, state, fence,
            request_hash, owner, key_id, callback_token, cost_micros, cost_source, created_at, updated_at)
        values (
            @id, @account, @generation, @number, @provider, @providerModel, 'intended', @fence,
            @requestHash, @owner, @key, @callbackToken, @costMicros, @costSource, @now, @now)
        """,
        new
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
        });

    public static Task SetStateAsync(Tx tx, string attemptId, AttemptOutcome outcome, DateTimeOffset now) => tx.ExecuteAsync(
        """
        update attempts set state = @state, provider_task_id = coalesce(@providerTaskId, provider_task_id),
            request_id = coalesce(@requestId, request_id), error = coalesce(@error, error), updated_at = @now,
            cost_micros = case when @costSource is null or cost_source = 'none' then cost_micros else @costMicros end,
            cost_source = case when @costSource is null or cost_source = 'none' then cost_source else @costSource end
        where id = @attemptId
        """,
        new
        {
            attemptId,
            state = outcome.State,
            providerTaskId = outcome.ProviderTaskId,
            requestId = outcome.RequestId,
            error = outcome.Error,
            costMicros = outcome.Cost?.Micros,
            costSource = outcome.Cost?.Source,
            now = now.ToUnixTimeMilliseconds(),
        });

    /// <summary>
    /// Takes the handle that a callback brought for an attempt whose submit has no answer yet; false if it is known already.
    /// </summary>
    public static async Task<bool> AdoptAsync(Tx tx, string attemptId, string providerTaskId, DateTimeOffset now) => await tx.ExecuteAsync(
        """
        update attempts set provider_task_id = @providerTaskId, updated_at = @now
        where id = @attemptId and provider_task_id is null and state in ('intended', 'unknown')
        """,
        new { attemptId, providerTaskId, now = now.ToUnixTimeMilliseconds() }) == 1;

    /// <summary>Notes the handle of an answer that came too late to move its generation: what may be billed can be found.</summary>
    public static Task KeepHandleAsync(Tx tx, string attemptId, string providerTaskId, string? requestId, DateTimeOffset now) =>
        tx.ExecuteAsync(
            """
            update attempts set provider_task_id = @providerTaskId, request_id = coalesce(request_id, @requestId), updated_at = @now
            where id = @attemptId and provider_task_id is null
            """,
            new { attemptId, providerTaskId, requestId, now = now.ToUnixTimeMilliseconds() });

    public static async ValueTask<Attempt?> FindAsync(Session session, string attemptId) =>
        await session.FirstOrDefaultAsync<Attempt>(
            "select id, account_id, generation_id, number, provider, provider_model, state, owner, provider_task_id, "
            + "callback_token, created_at from attempts where id = @attemptId",
            new { attemptId });
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
    /// <summary>What it costs after all: nothing where it was refused, and nobody knows where its outcome stays unknown.</summary>
    public AttemptCost? Cost { get; init; } = State switch
    {
        AttemptStore.Refused => AttemptCost.None,
        AttemptStore.Unresolved => AttemptCost.Unknown,
        _ => null,
    };
}

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

    public string Owner { get; init; } = "";

    public string? ProviderTaskId { get; init; }

    /// <summary>The secret part of the attempt's callback URL; null where the vendor was given none.</summary>
    public string? CallbackToken { get; init; }

    public long CreatedAt { get; init; }
}
