using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>A batch on SQLite: bare statements in a loop cost a microsecond or two each, and the lane is the lock.</summary>
internal sealed class SqliteSubmitStatements : ISubmitStatements
{
    private const string BalanceSql = "select available, held, alert_below, alerted_below from balances where account_id = ?1 and mode = ?2";
    private const string DaySql = "select requests from account_usage where account_id = ?1 and day = ?2";
    private const string KeySql = "select in_flight, next_allowed_us from key_usage where key_id = ?1";
    private const string AnswerSql = "select fingerprint, generation_id, response from idempotency_keys where account_id = ?1 and mode = ?2 and key = ?3";

    private const string InsertGenerationSql =
        """
        insert into generations (account_id, id, mode, key_id, status, version, model, media, prompt, parameters, inputs, output, route, provider,
            attempts, retries, quoted, cancel_requested, created_at, next_run_at)
        values (?1, ?2, ?3, ?4, 'queued', 1, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0, 0, ?13, 0, ?14, ?14)
        """;

    private const string InsertHoldSql =
        """
        insert into ledger_transfers (account_id, id, mode, kind, debit, credit, amount, generation_id, created_at)
        values (?1, ?2, ?3, 'hold', 'available', 'held', ?4, ?5, ?6)
        """;

    private const string InsertEventSql = "insert into events (account_id, generation_id, type, created_at) values (?1, ?2, 'task.created', ?3)";

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
        insert into key_usage (key_id, in_flight, next_allowed_us) values (?1, ?2, ?3)
        on conflict do update set in_flight = excluded.in_flight, next_allowed_us = excluded.next_allowed_us
        """;

    public Task LoadAsync(Tx tx, IReadOnlyList<PendingSubmit> pending, long today, SubmitBooks books)
    {
        foreach (var submit in pending)
        {
            var caller = submit.Request.Caller;
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

            if (!books.Keys.ContainsKey(caller.ApiKeyId))
            {
                var row = tx.Statement(KeySql).Bind(1, caller.ApiKeyId);
                books.Keys.Add(caller.ApiKeyId, row.Step() ? new KeyFlight(row.Int64(0), row.Int64(1)) : new KeyFlight(0, 0));
                row.Reset();
            }

            if (submit.Request.Idempotent is { } idempotent && !books.Answers.ContainsKey((caller.AccountId, caller.Mode, idempotent.Key)))
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

    public Task WriteAsync(Tx tx, IReadOnlyList<AcceptedSubmit> accepted, long today, SubmitBooks books, DateTimeOffset now)
    {
        var at = now.ToUnixTimeMilliseconds();
        foreach (var (request, submission, transferId, answer) in accepted)
        {
            var caller = request.Caller;
            var mode = (long)caller.Mode;
            tx.Statement(InsertGenerationSql)
                .Bind(1, caller.AccountId)
                .Bind(2, submission.Id)
                .Bind(3, mode)
                .Bind(4, caller.ApiKeyId)
                .Bind(5, request.Model)
                .Bind(6, request.Media.Word())
                .Bind(7, request.Prompt)
                .Bind(8, request.Parameters)
                .Bind(9, request.Inputs)
                .Bind(10, request.Output)
                .Bind(11, request.Route.Route)
                .Bind(12, request.Route.Provider)
                .Bind(13, request.Quoted)
                .Bind(14, at)
                .Run();
            tx.Statement(InsertHoldSql)
                .Bind(1, caller.AccountId)
                .Bind(2, transferId)
                .Bind(3, mode)
                .Bind(4, request.Quoted)
                .Bind(5, submission.Id)
                .Bind(6, at)
                .Run();
            tx.Statement(InsertEventSql).Bind(1, caller.AccountId).Bind(2, submission.Id).Bind(3, at).Run();
            if (answer is not null)
            {
                tx.Statement(InsertAnswerSql)
                    .Bind(1, caller.AccountId)
                    .Bind(2, mode)
                    .Bind(3, request.Idempotent!.Key)
                    .Bind(4, request.Idempotent.Fingerprint)
                    .Bind(5, submission.Id)
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
            tx.Statement(SaveKeySql).Bind(1, key).Bind(2, flight.InFlight).Bind(3, flight.NextAllowedMicroseconds).Run();
        }

        return Task.CompletedTask;
    }
}
