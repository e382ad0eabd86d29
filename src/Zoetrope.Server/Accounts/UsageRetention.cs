using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Accounts;

/// <summary>Forgets how many requests an account made on a day after <see cref="RetentionOptions.UsageDays"/>.</summary>
internal sealed class UsageRetention(Database database, RetentionOptions options, TimeProvider time) : IRetention
{
    private const string DeleteSql =
        """
        delete from account_usage where (account_id, day) in (
            select account_id, day from account_usage where day < @day order by day limit 500
        )
        """;

    public string Table => "account_usage";

    public TimeSpan Every => TimeSpan.FromHours(1);

    public Task<int> DeleteSomeAsync() => RetentionOptions.OlderThan(options.UsageDays, time) is { } old
        ? database.InTransactionAsync(tx => tx.ExecuteAsync(DeleteSql, new { day = UtcDay.Of(old) }))
        : Task.FromResult(0);
}
