using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Budgets;

/// <summary>Forgets periods after <see cref="RetentionOptions.UsageDays"/>; there are few, and one that never ends stays.</summary>
internal sealed class BudgetRetention(Database database, RetentionOptions options, TimeProvider time) : IRetention
{
    private const string DeleteSql = "delete from budget_periods where starts_at > 0 and starts_at < @before";

    public string Table => "budget_periods";

    public TimeSpan Every => TimeSpan.FromHours(6);

    public Task<int> DeleteSomeAsync() => RetentionOptions.OlderThan(options.UsageDays, time) is { } old
        ? database.InTransactionAsync(tx => tx.ExecuteAsync(DeleteSql, new { before = old.ToUnixTimeMilliseconds() }))
        : Task.FromResult(0);
}
