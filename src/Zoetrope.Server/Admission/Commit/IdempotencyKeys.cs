using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Admission.Commit;

/// <summary>
/// Idempotency keys: what a request under a key is (a fingerprint of endpoint and canonical body) and what it answered.
/// The row is written in the submitting transaction, so there is no lock that could run out while the work goes on.
/// </summary>
internal static class IdempotencyKeys
{
    /// <summary>The header that carries a key, as refusals name it.</summary>
    public const string Header = "Idempotency-Key";

    public const int MaxLength = 255;

    private const string FindSql = "select fingerprint, generation_id, response from idempotency_keys where account_id = @account and mode = @mode and key = @key";

    /// <summary>What an earlier request under this key answered, so that a replay needs no credits, inputs or catalogue.</summary>
    public static async ValueTask<StoredAnswer?> FindAsync(Session session, Caller caller, string key)
    {
        var command = session.Command(FindSql, ("account", caller.AccountId), ("mode", (long)caller.Mode), ("key", key));
        await using var row = await command.ExecuteReaderAsync();
        return await row.ReadAsync() ? new StoredAnswer((byte[])row.GetValue(0), row.GetString(1), row.GetString(2)) : null;
    }

    public static Problem Mismatch(string key) => Problems.IdempotencyMismatch.With(
        "This Idempotency-Key was used with a different request. Use a new key for a new request, or repeat the first one exactly.",
        field: Header,
        given: key);

    public static Task PruneAsync(Tx tx, long before) => tx.ExecuteAsync(
        """
        delete from idempotency_keys where (account_id, mode, key) in (
            select account_id, mode, key from idempotency_keys where created_at < @before order by created_at limit 5000
        )
        """,
        new { before });
}
