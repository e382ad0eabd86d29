using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Usage;

/// <summary>Forgets hours after <see cref="RetentionOptions.UsageDays"/>, an account at a time: the rows lie in their order.</summary>
internal sealed class UsageHoursRetention(Database database, RetentionOptions options, TimeProvider time) : IRetention
{
    private const string NextSql =
        """
        select id from accounts a
        where id > @after and exists (select 1 from usage_hours u where u.account_id = a.id and u.mode in (0, 1) and u.hour < @before)
        order by id limit 1
        """;

    public string Table => "usage_hours";

    public TimeSpan Every => TimeSpan.FromHours(1);

    public async Task<int> DeleteSomeAsync()
    {
        if (RetentionOptions.OlderThan(options.UsageDays, time) is not { } old)
        {
            return 0;
        }

        var beforeDay = UtcDay.Of(old);
        var before = beforeDay * UsageHours.OfDay;
        var account = await database.ReadAsync(async session => await session.ScalarAsync<string>(NextSql, new { after = "", before }));
        return account is null ? 0 : await database.InTransactionAsync(async tx =>
        {
            await UsageStore.LockAsync(tx, account);
            return await UsageStore.ForgetAsync(tx, account, beforeDay);
        });
    }
}
