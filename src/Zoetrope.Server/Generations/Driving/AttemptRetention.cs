using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>
/// Forgets submissions to providers after <see cref="RetentionOptions.AttemptDays"/>. Two kinds stay however old they are: those
/// of a task that is not finished, and those whose outcome nobody ever learnt, because they are all that an operator has against
/// a provider's bill. Ids sort by creation, so the primary key finds the old ones.
/// </summary>
internal sealed class AttemptRetention(Database database, RetentionOptions options, TimeProvider time) : IRetention
{
    private const string DeleteSql =
        """
        delete from attempts where id in (
            select a.id from attempts a
            where a.id < @bound and a.state <> 'unresolved'
                and not exists (
                    select 1 from generations g
                    where g.account_id = a.account_id and g.id = a.generation_id and g.status in ('queued', 'running'))
            order by a.id limit 500
        )
        """;

    public string Table => "attempts";

    public TimeSpan Every => TimeSpan.FromMinutes(10);

    public Task<int> DeleteSomeAsync() => RetentionOptions.OlderThan(options.AttemptDays, time) is { } old
        ? database.InTransactionAsync(tx => tx.ExecuteAsync(DeleteSql, new { bound = Ids.First(Ids.Attempt, old) }))
        : Task.FromResult(0);
}
