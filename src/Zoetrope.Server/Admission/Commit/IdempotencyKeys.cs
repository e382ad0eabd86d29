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

    private const string FindSql =
        """
        select fingerprint, generation_id as subject_id, response as text from idempotency_keys
        where account_id = @account and mode = @mode and key = @key
        """;

    /// <summary>What an earlier request under this key answered, so that a replay needs no credits, inputs or catalogue.</summary>
    public static async ValueTask<StoredAnswer?> FindAsync(Session session, Caller caller, string key)
    {
        if (session.Dialect is SqlDialect.Postgres)
        {
            return await session.FirstOrDefaultAsync<StoredAnswer>(
                FindSql, new { account = caller.AccountId, mode = (long)caller.Mode, key });
        }

        // Asked before every submit that has a key.
        var row = session.Statement(FindSql).Bind("account", caller.AccountId).Bind("mode", (long)caller.Mode).Bind("key", key);
        var found = row.Step() ? new StoredAnswer(row.Bytes(0).ToArray(), row.Text(1), row.Text(2)) : null;
        row.Reset();
        return found;
    }

    public static Problem Mismatch(string key) => Problems.IdempotencyMismatch.With(
        "This Idempotency-Key was used with a different request. Use a new key for a new request, or repeat the first request exactly.",
        field: Header,
        given: key);
}
