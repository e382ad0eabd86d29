using Zoetrope.Server.Events;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>A batch on SQLite: prepared statements in a loop cost microseconds, and the lane is the lock.</summary>
internal sealed class SqliteSubmitStatements : ISubmitStatements
{
    private const string BalanceSql = "select available, held from balances where account_id = @account and mode = @mode";
    private const string DaySql = "select requests from account_usage where account_id = @account and day = @day";
    private const string KeySql = "select in_flight, next_allowed_us from key_usage where key_id = @key";
    private const string AnswerSql = "select fingerprint, generation_id, response from idempotency_keys where account_id = @account and mode = @mode and key = @key";

    private const string InsertGenerationSql =
        """
        insert into generations (account_id, id, mode, key_id, status, version, model, media, prompt, parameters, inputs, output, route, provider,
            attempts, retries, quoted, cancel_requested, created_at, next_run_at)
        values (@account, @id, @mode, @key, 'queued', 1, @model, @media, @prompt, @parameters, @inputs, @output, @route, @provider, 0, 0, @quoted, 0, @now, @now)
        """;

    private const string InsertHoldSql =
        """
        insert into ledger_transfers (account_id, id, mode, kind, debit, credit, amount, generation_id, created_at)
        values (@account, @id, @mode, 'hold', 'available', 'held', @amount, @generation, @now)
        """;

    private const string InsertAnswerSql =
        """
        insert into idempotency_keys (account_id, mode, key, fingerprint, generation_id, response, created_at)
        values (@account, @mode, @key, @fingerprint, @generation, @response, @now)
        """;

    private const string SaveBalanceSql = "update balances set available = @available, held = @held where account_id = @account and mode = @mode";

    private const string SaveDaySql =
        "insert into account_usage (account_id, day, requests) values (@account, @day, @requests) on conflict do update set requests = excluded.requests";

    private const string SaveKeySql =
        """
        insert into key_usage (key_id, in_flight, next_allowed_us) values (@key, @in_flight, @next)
        on conflict do update set in_flight = excluded.in_flight, next_allowed_us = excluded.next_allowed_us
        """;

    public Task LoadAsync(
        Tx tx,
        IReadOnlyList<PendingSubmit> pending,
        long today,
        Dictionary<(string Account, KeyMode Mode), Funds> funds,
        Dictionary<string, Day> days,
        Dictionary<string, KeyFlight> keys,
        Dictionary<(string Account, KeyMode Mode, string Key), StoredAnswer> answers)
    {
        foreach (var submit in pending)
        {
            var caller = submit.Request.Caller;
            if (!funds.ContainsKey((caller.AccountId, caller.Mode)))
            {
                using var row = tx.Command(BalanceSql, ("account", caller.AccountId), ("mode", (long)caller.Mode)).ExecuteReader();
                funds.Add((caller.AccountId, caller.Mode), row.Read() ? new Funds(row.GetInt64(0), row.GetInt64(1)) : new Funds(0, 0));
            }

            if (caller.Plan.RequestsPerDay is not null && !days.ContainsKey(caller.AccountId))
            {
                var requests = tx.Command(DaySql, ("account", caller.AccountId), ("day", today)).ExecuteScalar();
                days.Add(caller.AccountId, new Day(requests is long count ? count : 0));
            }

            if (!keys.ContainsKey(caller.ApiKeyId))
            {
                using var row = tx.Command(KeySql, ("key", caller.ApiKeyId)).ExecuteReader();
                keys.Add(caller.ApiKeyId, row.Read() ? new KeyFlight(row.GetInt64(0), row.GetInt64(1)) : new KeyFlight(0, 0));
            }

            if (submit.Request.Idempotent is { } idempotent && !answers.ContainsKey((caller.AccountId, caller.Mode, idempotent.Key)))
            {
                using var row = tx.Command(AnswerSql, ("account", caller.AccountId), ("mode", (long)caller.Mode), ("key", idempotent.Key)).ExecuteReader();
                if (row.Read())
                {
                    answers.Add((caller.AccountId, caller.Mode, idempotent.Key), new StoredAnswer((byte[])row.GetValue(0), row.GetString(1), row.GetString(2)));
                }
            }
        }

        return Task.CompletedTask;
    }

    public Task WriteAsync(
        Tx tx,
        IReadOnlyList<AcceptedSubmit> accepted,
        long today,
        Dictionary<(string Account, KeyMode Mode), Funds> funds,
        Dictionary<string, Day> days,
        Dictionary<string, KeyFlight> keys,
        DateTimeOffset now)
    {
        var at = now.ToUnixTimeMilliseconds();
        foreach (var (request, submission, transferId, answer) in accepted)
        {
            var caller = request.Caller;
            var mode = (long)caller.Mode;
            tx.Command(
                InsertGenerationSql,
                ("account", caller.AccountId),
                ("id", submission.Id),
                ("mode", mode),
                ("key", caller.ApiKeyId),
                ("model", request.Model),
                ("media", request.Media.Word()),
                ("prompt", request.Prompt),
                ("parameters", request.Parameters),
                ("inputs", request.Inputs),
                ("output", request.Output),
                ("route", (long)request.Route.Route),
                ("provider", request.Route.Provider),
                ("quoted", request.Quoted),
                ("now", at)).ExecuteNonQuery();
            tx.Command(
                InsertHoldSql,
                ("account", caller.AccountId),
                ("id", transferId),
                ("mode", mode),
                ("amount", request.Quoted),
                ("generation", submission.Id),
                ("now", at)).ExecuteNonQuery();
            tx.Command(EventLog.AppendSql, ("account", caller.AccountId), ("generation", submission.Id), ("type", EventTypes.Created), ("at", at)).ExecuteNonQuery();
            if (answer is not null)
            {
                tx.Command(
                    InsertAnswerSql,
                    ("account", caller.AccountId),
                    ("mode", mode),
                    ("key", request.Idempotent!.Key),
                    ("fingerprint", request.Idempotent.Fingerprint),
                    ("generation", submission.Id),
                    ("response", answer),
                    ("now", at)).ExecuteNonQuery();
            }
        }

        foreach (var ((account, mode), balance) in funds)
        {
            tx.Command(SaveBalanceSql, ("available", balance.Available), ("held", balance.Held), ("account", account), ("mode", (long)mode)).ExecuteNonQuery();
        }

        foreach (var (account, day) in days)
        {
            tx.Command(SaveDaySql, ("account", account), ("day", today), ("requests", day.Requests)).ExecuteNonQuery();
        }

        foreach (var (key, flight) in keys)
        {
            tx.Command(SaveKeySql, ("key", key), ("in_flight", flight.InFlight), ("next", flight.NextAllowedMicroseconds)).ExecuteNonQuery();
        }

        return Task.CompletedTask;
    }
}
