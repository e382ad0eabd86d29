using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Admission.Commit;

/// <summary>A commit group on SQLite: bare statements in a loop cost a microsecond or two each, and the lane is the lock.</summary>
internal sealed class SqliteCommitStatements : ICommitStatements
{
    private const string BalanceSql = "select available, held, alert_below, alerted_below from balances where account_id = ?1 and mode = ?2";
    private const string DaySql = "select requests from account_usage where account_id = ?1 and day = ?2";
    private const string KeySql = "select in_flight, next_allowed_us, spent_day, spent from key_usage where key_id = ?1";
    private const string AnswerSql = "select fingerprint, generation_id, response from idempotency_keys where account_id = ?1 and mode = ?2 and key = ?3";

    private const string InsertGenerationSql =
        """
        insert into generations (account_id, id, mode, key_id, status, version, model, media, prompt, parameters, inputs, output, route, provider,
            attempts, retries, quoted, cancel_requested, created_at, next_run_at, batch_id, batch_index)
        values (?1, ?2, ?3, ?4, 'queued', 1, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0, 0, ?13, 0, ?14, ?14, ?15, ?16)
        """;

    private const string InsertHoldSql =
        """
        insert into ledger_transfers (account_id, id, mode, kind, debit, credit, amount, generation_id, created_at)
        values (?1, ?2, ?3, 'hold', 'available', 'held', ?4, ?5, ?6)
        """;

    private const string InsertEventSql = "insert into events (account_id, generation_id, type, created_at) values (?1, ?2, 'task.created', ?3)";

    private const string InsertBatchSql =
        "insert into batches (account_id, id, mode, key_id, total, open, created_at) values (?1, ?2, ?3, ?4, ?5, ?5, ?6)";

    private const string InsertAnswerSql =
        """
        insert into idempotency_keys (account_id, mode, key, fingerprint, generation_id, response, created_at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        """;

    private const string SaveBalanceSql = "update balances set available = ?1, held = ?2 where account_id = ?3 and mode = ?4";

    private const string SaveDaySql =
        "insert into account_usage (account_id, day, requests) values (?1, ?2, ?3) on conflict do update set requests = excluded.requests";

    private const string SaveKeySql =
        """
        insert into key_usage (key_id, in_flight, next_allowed_us, spent_day, spent) values (?1, ?2, ?3, ?4, ?5)
        on conflict do update set in_flight = excluded.in_flight, next_allowed_us = excluded.next_allowed_us, spent_day = excluded.spent_day, spent = excluded.spent
        """;

    public Task LoadAsync(Tx tx, IReadOnlyList<Submit> submits, long today, CommitBooks books)
    {
        foreach (var submit in submits)
        {
            var caller = submit.Caller;
            if (!books.Funds.ContainsKey((caller.AccountId, caller.Mode)))
            {
                var row = tx.Statement(BalanceSql).Bind(1, caller.AccountId).Bind(2, (long)caller.Mode);
                books.Funds.Add((caller.AccountId, caller.Mode), row.Step() ? new Funds(row.Int64(0), row.Int64(1), row.OptionalInt64(2), row.OptionalInt64(3)) : new Funds(0, 0));
                row.Reset();
            }

            if (caller.Plan.RequestsPerDay is not null && !books.Days.ContainsKey(caller.AccountId))
            {
                var row = tx.Statement(DaySql).Bind(1, caller.AccountId).Bind(2, today);
                books.Days.Add(caller.AccountId, new Day(row.Step() ? row.Int64(0) : 0));
                row.Reset();
            }

            LoadKey(tx, caller.ApiKeyId, today, books);
            LoadKey(tx, caller.SpendsWith, today, books);
            if (caller.Granter is { } granter)
            {
                LoadKey(tx, granter.SpendsWith, today, books);
            }

            if (submit.Idempotent is { } idempotent && !books.Answers.ContainsKey((caller.AccountId, caller.Mode, idempotent.Key)))
            {
                var row = tx.Statement(AnswerSql).Bind(1, caller.AccountId).Bind(2, (long)caller.Mode).Bind(3, idempotent.Key);
                if (row.Step())
                {
                    books.Answers.Add((caller.AccountId, caller.Mode, idempotent.Key), new StoredAnswer(row.Bytes(0).ToArray(), row.Text(1), row.Text(2)));
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
            var caller = submit.Caller;
            var ids = submit.Made!.TaskIds;
            var mode = (long)caller.Mode;
            var batch = submit.BatchId;
            for (var index = 0; index < ids.Count; index++)
            {
                var (order, id) = (submit.Orders[index], ids[index]);
                tx.Statement(InsertGenerationSql)
                    .Bind(1, caller.AccountId)
                    .Bind(2, id)
                    .Bind(3, mode)
                    .Bind(4, caller.ApiKeyId)
                    .Bind(5, order.Model.Id)
                    .Bind(6, order.Model.MediaType.Word())
                    .Bind(7, order.Prompt)
                    .Bind(8, order.Parameters)
                    .Bind(9, order.InputsColumn)
                    .Bind(10, order.OutputColumn)
                    .Bind(11, order.Route.Route)
                    .Bind(12, order.Route.Provider)
                    .Bind(13, order.Credits)
                    .Bind(14, at)
                    .Bind(15, batch)
                    .Bind(16, batch is null ? null : (long?)index)
                    .Run();
                tx.Statement(InsertHoldSql)
                    .Bind(1, caller.AccountId)
                    .Bind(2, CreditLedger.HoldId(id))
                    .Bind(3, mode)
                    .Bind(4, order.Credits)
                    .Bind(5, id)
                    .Bind(6, at)
                    .Run();
                tx.Statement(InsertEventSql).Bind(1, caller.AccountId).Bind(2, id).Bind(3, at).Run();
            }

            if (batch is not null)
            {
                tx.Statement(InsertBatchSql)
                    .Bind(1, caller.AccountId)
                    .Bind(2, batch)
                    .Bind(3, mode)
                    .Bind(4, caller.ApiKeyId)
                    .Bind(5, ids.Count)
                    .Bind(6, at)
                    .Run();
            }

            if (submit.Answer is { } answer)
            {
                tx.Statement(InsertAnswerSql)
                    .Bind(1, caller.AccountId)
                    .Bind(2, mode)
                    .Bind(3, submit.Idempotent!.Key)
                    .Bind(4, submit.Idempotent.Fingerprint)
                    .Bind(5, submit.Made.Id)
                    .Bind(6, answer)
                    .Bind(7, at)
                    .Run();
            }
        }

        foreach (var ((account, mode), balance) in books.Funds)
        {
            tx.Statement(SaveBalanceSql).Bind(1, balance.Available).Bind(2, balance.Held).Bind(3, account).Bind(4, (long)mode).Run();
        }

        foreach (var (account, day) in books.Days)
        {
            tx.Statement(SaveDaySql).Bind(1, account).Bind(2, today).Bind(3, day.Requests).Run();
        }

        foreach (var (key, flight) in books.Keys)
        {
            tx.Statement(SaveKeySql).Bind(1, key).Bind(2, flight.InFlight).Bind(3, flight.NextAllowedMicroseconds).Bind(4, flight.SpentDay).Bind(5, flight.Spent).Run();
        }

        return Task.CompletedTask;
    }

    private static void LoadKey(Tx tx, string keyId, long today, CommitBooks books)
    {
        if (books.Keys.ContainsKey(keyId))
        {
            return;
        }

        var row = tx.Statement(KeySql).Bind(1, keyId);
        books.Keys.Add(keyId, row.Step() ? new KeyFlight(row.Int64(0), row.Int64(1), row.Int64(2), row.Int64(3), today) : KeyFlight.New(today));
        row.Reset();
    }
}
