using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Events;

/// <summary>
/// The key that signs what goes to the URLs of single requests: a row of <c>webhook_signers</c>, version 1 where there is
/// none.
/// </summary>
internal sealed record WebhookSigner
{
    public long Version { get; init; } = 1;

    /// <summary>Until when the version before signs too.</summary>
    public long? PreviousUntil { get; init; }
}

/// <summary>The SQL of <c>webhook_signers</c>.</summary>
internal static class WebhookSignerStore
{
    public static async Task<WebhookSigner> FindAsync(Session session, string accountId, KeyMode mode) =>
        await session.FirstOrDefaultAsync<WebhookSigner>(
            "select version, previous_until from webhook_signers where account_id = @accountId and mode = @mode",
            new { accountId, mode = (long)mode }) ?? new WebhookSigner();

    public static async Task<WebhookSigner> RotateAsync(Tx tx, string accountId, KeyMode mode, long previousUntil) =>
        (await tx.FirstOrDefaultAsync<WebhookSigner>(
            """
            insert into webhook_signers (account_id, mode, version, previous_until) values (@accountId, @mode, 2, @previousUntil)
            on conflict (account_id, mode) do update set version = webhook_signers.version + 1, previous_until = excluded.previous_until
            returning version, previous_until
            """,
            new { accountId, mode = (long)mode, previousUntil }))!;
}
