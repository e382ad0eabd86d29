using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Budgets;

/// <summary>
/// The tables of budgets. Who writes them holds the balance of the account and mode, whose row says how many budgets there are: an
/// account without any is asked nothing, and no two transactions count at once.
/// </summary>
internal static class BudgetStore
{
    private const string LinesSql =
        """
        select b.account_id, b.id, b.mode, b.name, b.scope, b.subject, b.period, b.credits, b.raised_to, b.raised_until, b.created_at,
            coalesce(p.held, 0), coalesce(p.used, 0), coalesce(p.warned, 0)
        from budgets b left join budget_periods p on p.account_id = b.account_id and p.budget_id = b.id
            and p.starts_at = case b.period when 'day' then @day when 'week' then @week when 'month' then @month else 0 end
        where b.account_id = @account and b.mode = @mode order by b.id
        """;

    private const string SaveSql =
        """
        insert into budget_periods (account_id, budget_id, starts_at, held, used, warned)
        values (@account, @id, @startsAt, @held, @used, @warned)
        on conflict (account_id, budget_id, starts_at) do update set held = excluded.held, warned = excluded.warned
        """;

    private const string EndSql =
        """
        update budget_periods set
            held = case when held > @held then held - @held else 0 end, used = case when used + @used > 0 then used + @used else 0 end
        where account_id = @account and budget_id = @id and starts_at = @startsAt
        """;

    /// <summary>All of an account in one mode, as they stand in the period that is now.</summary>
    public static Task<List<BudgetLine>> LinesAsync(Session session, string account, KeyMode mode, DateTimeOffset now)
    {
        var arguments = new
        {
            account,
            mode = (long)mode,
            day = BudgetPeriods.Start(BudgetPeriods.Day, now),
            week = BudgetPeriods.Start(BudgetPeriods.Week, now),
            month = BudgetPeriods.Start(BudgetPeriods.Month, now),
        };
        return session.RowsAsync(LinesSql, arguments, row =>
        {
            var read = new ReaderRow(row);
            var budget = new Budget
            {
                AccountId = read.Text(0),
                Id = read.Text(1),
                Mode = (KeyMode)read.Int64(2),
                Name = read.Text(3),
                Scope = read.Text(4),
                Subject = read.Text(5),
                Period = read.Text(6),
                Limit = read.Int64(7),
                RaisedTo = read.IsNull(8) ? null : read.Int64(8),
                RaisedUntil = read.IsNull(9) ? null : read.Int64(9),
                CreatedAt = read.Int64(10),
            };
            return new BudgetLine(budget, BudgetPeriods.Start(budget.Period, now), read.Int64(11), read.Int64(12), read.Int64(13));
        });
    }

    public static Task SaveAsync(Tx tx, BudgetLine line) => tx.ExecuteAsync(
        SaveSql,
        new
        {
            account = line.Budget.AccountId,
            id = line.Budget.Id,
            startsAt = line.StartsAt,
            held = line.Held,
            used = line.Used,
            warned = line.Warned,
        });

    /// <summary>A task's end: what was held for it is counted as used or given back, in the period in which it was held.</summary>
    public static async Task EndAsync(Tx tx, string account, string holds, long held, long used)
    {
        foreach (var (id, startsAt) in BudgetHolds.Read(holds))
        {
            await tx.ExecuteAsync(EndSql, new { account, id, startsAt, held, used });
        }
    }

    /// <summary>Locks the account's balance, which is made if it is not there.</summary>
    public static Task LockAsync(Tx tx, string account, KeyMode mode) => tx.ExecuteAsync(
        """
        insert into balances (account_id, mode, available, held) values (@account, @mode, 0, 0)
        on conflict (account_id, mode) do update set available = balances.available
        """,
        new { account, mode = (long)mode });

    public static async Task InsertAsync(Tx tx, Budget budget)
    {
        await tx.ExecuteAsync(
            """
            insert into budgets (account_id, id, mode, name, scope, subject, period, credits, created_at)
            values (@AccountId, @Id, @mode, @Name, @Scope, @Subject, @Period, @Limit, @CreatedAt)
            """,
            new
            {
                budget.AccountId,
                budget.Id,
                mode = (long)budget.Mode,
                budget.Name,
                budget.Scope,
                budget.Subject,
                budget.Period,
                budget.Limit,
                budget.CreatedAt,
            });
        await CountAsync(tx, budget, 1);
    }

    public static Task ChangeAsync(Tx tx, Budget budget) => tx.ExecuteAsync(
        """
        update budgets set name = @Name, credits = @Limit, raised_to = @RaisedTo, raised_until = @RaisedUntil
        where account_id = @AccountId and id = @Id
        """,
        new { budget.Name, budget.Limit, budget.RaisedTo, budget.RaisedUntil, budget.AccountId, budget.Id });

    public static async Task DeleteAsync(Tx tx, Budget budget)
    {
        await tx.ExecuteAsync(
            "delete from budget_periods where account_id = @AccountId and budget_id = @Id", new { budget.AccountId, budget.Id });
        await tx.ExecuteAsync("delete from budgets where account_id = @AccountId and id = @Id", new { budget.AccountId, budget.Id });
        await CountAsync(tx, budget, -1);
    }

    private static Task CountAsync(Tx tx, Budget budget, int change) => tx.ExecuteAsync(
        "update balances set budgets = budgets + @change where account_id = @AccountId and mode = @mode",
        new { change, budget.AccountId, mode = (long)budget.Mode });
}
