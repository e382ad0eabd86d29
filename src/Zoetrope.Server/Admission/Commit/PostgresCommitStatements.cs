using Npgsql;
using NpgsqlTypes;
using Zoetrope.Server.Events;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Admission.Commit;

/// <summary>
/// A commit group on PostgreSQL: one statement over arrays for each table. The counters' rows are made if they are absent and
/// then locked in key order, so that two nodes wait for each other instead of deadlocking.
/// </summary>
internal sealed class PostgresCommitStatements : ICommitStatements
{
    public async Task LoadAsync(Tx tx, IReadOnlyList<Submit> submits, long today, CommitBooks books)
    {
        var callers = submits.Select(submit => submit.Caller).ToList();
        var accounts = callers.Select(caller => (caller.AccountId, caller.Mode)).Distinct().Order().ToList();
        foreach (var account in accounts)
        {
            books.Funds[account] = new Funds(0, 0);
        }

        await using (var row = await Reader(
            tx,
            """
            select b.account_id, b.mode, b.available, b.held, b.alert_below, b.alerted_below, b.budgets from balances b
            join unnest(@accounts, @modes) as wanted (account_id, mode) on wanted.account_id = b.account_id and wanted.mode = b.mode
            order by b.account_id, b.mode for update of b
            """,
            Texts("accounts", accounts.Select(account => account.AccountId)),
            Numbers("modes", accounts.Select(account => (long)account.Mode))))
        {
            while (await row.ReadAsync())
            {
                books.Funds[(row.GetString(0), (KeyMode)row.GetInt64(1))] =
                    new Funds(row.GetInt64(2), row.GetInt64(3), Optional(row, 4), Optional(row, 5))
                    {
                        HasBudgets = row.GetInt64(6) > 0,
                    };
            }
        }

        var limited = callers
            .Where(caller => caller.Plan.RequestsPerDay is not null)
            .Select(caller => caller.AccountId)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();
        if (limited.Count > 0)
        {
            await Execute(
                tx,
                """
                insert into account_usage (account_id, day, requests)
                select account, @day, 0 from unnest(@accounts) as a (account) order by account on conflict do nothing
                """,
                Texts("accounts", limited),
                new NpgsqlParameter("day", today));
            await using var row = await Reader(
                tx,
                """
                select account_id, requests from account_usage
                where account_id = any(@accounts) and day = @day order by account_id for update
                """,
                Texts("accounts", limited),
                new NpgsqlParameter("day", today));
            while (await row.ReadAsync())
            {
                books.Days[row.GetString(0)] = new Day(row.GetInt64(1));
            }
        }

        var periods = SpendPeriods.Of(today);
        var keyIds = callers.SelectMany(CommitBooks.KeysOf).Distinct().Order(StringComparer.Ordinal).ToList();
        await Execute(
            tx,
            """
            insert into key_usage (key_id, in_flight, next_allowed_us)
            select key, 0, 0 from unnest(@keys) as k (key) order by key on conflict do nothing
            """,
            Texts("keys", keyIds));
        await using (var row = await Reader(
            tx,
            """
            select key_id, in_flight, next_allowed_us, spent_day, spent, spent_week, week_spent, spent_month, month_spent, all_spent
            from key_usage
            where key_id = any(@keys) order by key_id for update
            """,
            Texts("keys", keyIds)))
        {
            while (await row.ReadAsync())
            {
                books.Keys[row.GetString(0)] = new KeyFlight(row.GetInt64(1), row.GetInt64(2))
                {
                    Day = new Spend(row.GetInt64(3), row.GetInt64(4), periods.Day),
                    Week = new Spend(row.GetInt64(5), row.GetInt64(6), periods.Week),
                    Month = new Spend(row.GetInt64(7), row.GetInt64(8), periods.Month),
                    SpentInAll = row.GetInt64(9),
                };
            }
        }

        // Read after the balance is locked: a concurrent holder of the same key on another node has committed by now.
        var idempotent = submits.Where(submit => submit.Idempotent is not null).ToList();
        if (idempotent.Count == 0)
        {
            return;
        }

        await using var stored = await Reader(
            tx,
            """
            select i.account_id, i.mode, i.key, i.fingerprint, i.generation_id, i.response from idempotency_keys i
            join unnest(@accounts, @modes, @keys) as wanted (account_id, mode, key)
              on wanted.account_id = i.account_id and wanted.mode = i.mode and wanted.key = i.key
            """,
            Texts("accounts", idempotent.Select(submit => submit.Caller.AccountId)),
            Numbers("modes", idempotent.Select(submit => (long)submit.Caller.Mode)),
            Texts("keys", idempotent.Select(submit => submit.Idempotent!.Key)));
        while (await stored.ReadAsync())
        {
            books.Answers[(stored.GetString(0), (KeyMode)stored.GetInt64(1), stored.GetString(2))] =
                new StoredAnswer(stored.GetFieldValue<byte[]>(3), stored.GetString(4), stored.GetString(5));
        }
    }

    public async Task WriteAsync(Tx tx, IReadOnlyList<Submit> accepted, long today, CommitBooks books, DateTimeOffset now)
    {
        var at = now.ToUnixTimeMilliseconds();
        var tasks = accepted.SelectMany(submit => submit.Orders.Select((_, index) => new NewTask(submit, index, at))).ToList();
        var batches = accepted.Where(submit => submit.BatchId is not null).Select(submit => new NewRow(submit, at)).ToList();
        var answers = accepted.Where(submit => submit.Answer is not null).Select(submit => new NewRow(submit, at)).ToList();

        // One round trip. The events come last: their numbers are drawn under a lock, which must be a transaction's last one.
        await using var group = new NpgsqlBatch((NpgsqlConnection)tx.Connection, (NpgsqlTransaction?)tx.Transaction);
        group.BatchCommands.Add(CommitTables.Generations.Many(tasks));
        group.BatchCommands.Add(CommitTables.Holds.Many(tasks));
        if (tasks.SelectMany(NewTag.Of).ToList() is { Count: > 0 } tags)
        {
            group.BatchCommands.Add(CommitTables.Tags.Many(tags));
        }

        if (batches.Count > 0)
        {
            group.BatchCommands.Add(CommitTables.Batches.Many(batches));
        }

        if (answers.Count > 0)
        {
            group.BatchCommands.Add(CommitTables.Answers.Many(answers));
        }

        group.BatchCommands.Add(SaveFunds(books));
        if (books.Days.Count > 0)
        {
            group.BatchCommands.Add(SaveDays(books, today));
        }

        group.BatchCommands.Add(SaveKeys(books));
        group.BatchCommands.Add(EventLog.Insert.Many(
            [.. tasks.Select(task => new NewEvent(task.Caller.AccountId, task.Id, EventTypes.Created, now))]));
        await group.ExecuteNonQueryAsync();
    }

    private static NpgsqlBatchCommand SaveFunds(CommitBooks books) => Saving(
        """
        update balances b set available = s.available, held = s.held
        from unnest(@accounts, @modes, @available, @held) as s (account, mode, available, held)
        where b.account_id = s.account and b.mode = s.mode
        """,
        Texts("accounts", books.Funds.Keys.Select(key => key.Account)),
        Numbers("modes", books.Funds.Keys.Select(key => (long)key.Mode)),
        Numbers("available", books.Funds.Values.Select(value => value.Available)),
        Numbers("held", books.Funds.Values.Select(value => value.Held)));

    private static NpgsqlBatchCommand SaveDays(CommitBooks books, long today) => Saving(
        """
        update account_usage u set requests = s.requests
        from unnest(@accounts, @requests) as s (account, requests) where u.account_id = s.account and u.day = @day
        """,
        Texts("accounts", books.Days.Keys),
        Numbers("requests", books.Days.Values.Select(day => day.Requests)),
        new NpgsqlParameter("day", today));

    private static NpgsqlBatchCommand SaveKeys(CommitBooks books) => Saving(
        """
        update key_usage k set in_flight = s.in_flight, next_allowed_us = s.next, spent_day = s.day, spent = s.spent,
            spent_week = s.week, week_spent = s.week_spent, spent_month = s.month, month_spent = s.month_spent, all_spent = s.all_spent
        from unnest(@keys, @in_flight, @next, @days, @spent, @weeks, @week_spent, @months, @month_spent, @all_spent)
            as s (key, in_flight, next, day, spent, week, week_spent, month, month_spent, all_spent)
        where k.key_id = s.key
        """,
        Texts("keys", books.Keys.Keys),
        Numbers("in_flight", books.Keys.Values.Select(flight => flight.InFlight)),
        Numbers("next", books.Keys.Values.Select(flight => flight.NextAllowedMicroseconds)),
        Numbers("days", books.Keys.Values.Select(flight => flight.Day.Period)),
        Numbers("spent", books.Keys.Values.Select(flight => flight.Day.Credits)),
        Numbers("weeks", books.Keys.Values.Select(flight => flight.Week.Period)),
        Numbers("week_spent", books.Keys.Values.Select(flight => flight.Week.Credits)),
        Numbers("months", books.Keys.Values.Select(flight => flight.Month.Period)),
        Numbers("month_spent", books.Keys.Values.Select(flight => flight.Month.Credits)),
        Numbers("all_spent", books.Keys.Values.Select(flight => flight.SpentInAll)));

    private static NpgsqlBatchCommand Saving(string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddRange(parameters);
        return command;
    }

    private static long? Optional(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    private static NpgsqlParameter Texts(string name, IEnumerable<string?> values) =>
        new(name, NpgsqlDbType.Array | NpgsqlDbType.Text) { Value = values.ToArray() };

    private static NpgsqlParameter Numbers(string name, IEnumerable<long> values) =>
        new(name, NpgsqlDbType.Array | NpgsqlDbType.Bigint) { Value = values.ToArray() };

    private static async Task Execute(Tx tx, string sql, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(tx, sql, parameters);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<NpgsqlDataReader> Reader(Tx tx, string sql, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(tx, sql, parameters);
        return await command.ExecuteReaderAsync();
    }

    private static NpgsqlCommand Command(Tx tx, string sql, NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(sql, (NpgsqlConnection)tx.Connection, (NpgsqlTransaction?)tx.Transaction);
        command.Parameters.AddRange(parameters);
        return command;
    }
}
