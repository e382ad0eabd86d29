using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Artifacts;

/// <summary>Forgets the rows of deleted files; the files themselves are gone long before, by <see cref="ArtifactRetention"/>.</summary>
internal sealed class DeletedArtifacts(Database database, TimeProvider time) : IRetention
{
    private const int DaysAfterDeletion = 30;

    private const string DeleteSql =
        """
        delete from artifacts where id in (
            select id from artifacts where deleted_at is not null and deleted_at < @before order by deleted_at limit 500
        )
        """;

    public string Table => "artifacts";

    public TimeSpan Every => TimeSpan.FromHours(1);

    public Task<int> DeleteSomeAsync()
    {
        var before = time.GetUtcNow().AddDays(-DaysAfterDeletion).ToUnixTimeMilliseconds();
        return database.InTransactionAsync(tx => tx.ExecuteAsync(DeleteSql, new { before }));
    }
}
