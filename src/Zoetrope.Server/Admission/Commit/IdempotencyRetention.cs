using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Admission.Commit;

/// <summary>Forgets idempotency keys after so many hours; their index by age finds them.</summary>
internal sealed class IdempotencyRetention(Database database, int hours, TimeProvider time) : IRetention
{
    private const string DeleteSql =
        """
        delete from idempotency_keys where (account_id, mode, key) in (
            select account_id, mode, key from idempotency_keys where created_at < @before order by created_at limit 500
        )
        """;

    public string Table => "idempotency_keys";

    public TimeSpan Every => TimeSpan.FromSeconds(15);

    public Task<int> DeleteSomeAsync()
    {
        var before = time.GetUtcNow().AddHours(-hours).ToUnixTimeMilliseconds();
        return database.InTransactionAsync(tx => tx.ExecuteAsync(DeleteSql, new { before }));
    }
}
