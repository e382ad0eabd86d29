using Zoetrope.Server.Events;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Admission.Commit;

/// <summary>A commit group on SQLite: bare statements in a loop cost a microsecond or two each, and the lane is the lock.</summary>
internal sealed class SqliteCommitStatements : ICommitStatements
{
    private const string BalanceSql =
        "select available, held, alert_below, alerted_below, budgets from balances where account_id = @account and mode = @mode";

    private const string DaySql = "select requests from account_usage where account_id = @account and day = @day";
    private const string KeySql =
        """
        select in_flight, next_allowed_us, spent_day, spent, spent_week, week_spent, spent_month, month_spent, all_spent
        from key_usage where key_id = @key
        """;

    private const string AnswerSql =
        """
        select fingerprint, generation_id, response from idempotency_keys
        where account_id = @account and mode = @mode and key = @key
        """;

    private const string SaveBalanceSql =
        "update balances set available = @available, held = @held where account_id = @account and mode = @mode";

    private const string SaveDaySql =
        """
        insert into account_usage (account_id, day, requests) values (@account, @day, @requests)
        on conflict do update set requests = excluded.requests
        """;

    private const string SaveKeySql =
        """
        insert into key_usage (key_id, in_flight, next_allowed_us, spent_day, spent, spent_week, week_spent, spent_month, month_spent,
            all_spent)
        values (@key, @in_flight, @next, @day, @spent, @week, @week_spent, @month, @month_spent, @all_spent)
        on conflict do update set in_flight = excluded.in_flight, next_allowed_us = excluded.next_allowed_us,
            spent_day = excluded.spent_day, spent = excluded.spent, spent_week = excluded.spent_week, week_spent = excluded.week_spent,
            spent_month = excluded.spent_month, month_spent = excluded.month_spent, all_spent = excluded.all_spent
        """;

    public Task LoadAsync(Tx tx, IReadOnlyList<Submit> submits, long today, CommitBooks books)
    {
        var periods = SpendPeriods.Of(today);
        foreach (var submit in submits)
        {
            var caller = submit.Caller;
            if (!books.Funds.ContainsKey((caller.AccountId, caller.Mode)))
            {
                var row = tx.Statement(BalanceSql).Bind("account", caller.AccountId).Bind("mode", (long)caller.Mode);
                var funds = row.Step()
                    ? new Funds(row.Int64(0), row.Int64(1), row.OptionalInt64(2), row.OptionalInt64(3)) { HasBudgets = row.Int64(4) > 0 }
                    : new Funds(0, 0);
                books.Funds.Add((caller.AccountId, caller.Mode), funds);
                row.Reset();
            }

            if (caller.Plan.RequestsPerDay is not null && !books.Days.ContainsKey(caller.AccountId))
            {
                var row = tx.Statement(DaySql).Bind("account", caller.AccountId).Bind("day", today);
                books.Days.Add(caller.AccountId, new Day(row.Step() ? row.Int64(0) : 0));
                row.Reset();
            }

            LoadKey(tx, caller.SpendsWith, periods, books);
            if (caller.Granter is { } granter)
            {
                LoadKey(tx, granter.SpendsWith, periods, books);
            }

            if (submit.Idempotent is { } idempotent && !books.Answers.ContainsKey((caller.AccountId, caller.Mode, idempotent.Key)))
            {
                var row = tx.Statement(AnswerSql)
                    .Bind("account", caller.AccountId).Bind("mode", (long)caller.Mode).Bind("key", idempotent.Key);
                if (row.Step())
                {
                    books.Answers.Add(
                        (caller.AccountId, caller.Mode, idempotent.Key),
                        new StoredAnswer(row.Bytes(0).ToArray(), row.Text(1), row.Text(2)));
                }

                row.Reset();
            }
        }

        return Task.CompletedTask;
    }

    public Task WriteAsync(Tx tx, IReadOnlyList<Submit> accepted, long today, CommitBooks books, DateTimeOffset now)
    {
        var at = now.ToUnixTimeMilliseconds();
        foreach (var submit in accepted)
        {
            for (var index = 0; index < submit.Orders.Count; index++)
            {
                var task = new NewTask(submit, index, at);
                CommitTables.Generations.One.Run(tx, task);
                CommitTables.Holds.One.Run(tx, task);
                foreach (var tag in task.Order.Attribution.Tags)
                {
                    CommitTables.Tags.One.Run(tx, new NewTag(submit.Caller.AccountId, task.Id, tag));
                }

                EventLog.Insert.One.Run(tx, new NewEvent(submit.Caller.AccountId, task.Id, EventTypes.Created, now));
            }

            if (submit.BatchId is not null)
            {
                CommitTables.Batches.One.Run(tx, new NewRow(submit, at));
            }

            if (submit.Answer is not null)
            {
                CommitTables.Answers.One.Run(tx, new NewRow(submit, at));
            }
        }

        foreach (var ((account, mode), balance) in books.Funds)
        {
            tx.Statement(SaveBalanceSql)
                .Bind("available", balance.Available).Bind("held", balance.Held).Bind("account", account).Bind("mode", (long)mode)
                .Run();
        }

        foreach (var (account, day) in books.Days)
        {
            tx.Statement(SaveDaySql).Bind("account", account).Bind("day", today).Bind("requests", day.Requests).Run();
        }

        foreach (var (key, flight) in books.Keys)
        {
            tx.Statement(SaveKeySql)
                .Bind("key", key).Bind("in_flight", flight.InFlight).Bind("next", flight.NextAllowedMicroseconds)
                .Bind("day", flight.Day.Period).Bind("spent", flight.Day.Credits)
                .Bind("week", flight.Week.Period).Bind("week_spent", flight.Week.Credits)
                .Bind("month", flight.Month.Period).Bind("month_spent", flight.Month.Credits)
                .Bind("all_spent", flight.SpentInAll)
                .Run();
        }

        return Task.CompletedTask;
    }

    private static void LoadKey(Tx tx, string keyId, in SpendPeriods periods, CommitBooks books)
    {
        if (books.Keys.ContainsKey(keyId))
        {
            return;
        }

        var row = tx.Statement(KeySql).Bind("key", keyId);
        var flight = row.Step()
            ? new KeyFlight(row.Int64(0), row.Int64(1))
            {
                Day = new Spend(row.Int64(2), row.Int64(3), periods.Day),
                Week = new Spend(row.Int64(4), row.Int64(5), periods.Week),
                Month = new Spend(row.Int64(6), row.Int64(7), periods.Month),
                SpentInAll = row.Int64(8),
            }
            : KeyFlight.New(periods);
        books.Keys.Add(keyId, flight);
        row.Reset();
    }
}
