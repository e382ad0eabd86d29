using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

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

    public static Task InsertAsync(Tx tx, Generation generation, string providerModel, string requestHash, string owner, DateTimeOffset now) => tx.ExecuteAsync(
        """
        insert into attempts (id, account_id, generation_id, number, provider, provider_model, state, fence, request_hash, owner, created_at, updated_at)
        values (@id, @account, @generation, @number, @provider, @providerModel, 'intended', @fence, @requestHash, @owner, @now, @now)
        """,
        new
        {
            id = generation.AttemptId,
            account = generation.AccountId,
            generation = generation.Id,
            number = (long)generation.Attempts,
            provider = generation.Provider,
            providerModel,
            fence = generation.Version,
            requestHash,
            owner,
            now = now.ToUnixTimeMilliseconds(),
        });

    public static Task SetStateAsync(Tx tx, string attemptId, string state, string? providerTaskId, string? error, DateTimeOffset now) => tx.ExecuteAsync(
        """
        update attempts set state = @state, provider_task_id = coalesce(@providerTaskId, provider_task_id), error = coalesce(@error, error), updated_at = @now
        where id = @attemptId
        """,
        new { attemptId, state, providerTaskId, error, now = now.ToUnixTimeMilliseconds() });

    public static async ValueTask<Attempt?> FindAsync(Session session, string attemptId) =>
        await session.FirstOrDefaultAsync<Attempt>(
            "select id, account_id, generation_id, number, provider, provider_model, state, owner, created_at from attempts where id = @attemptId",
            new { attemptId });
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

    public long CreatedAt { get; init; }
}
