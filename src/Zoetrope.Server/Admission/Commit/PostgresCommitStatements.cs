using Npgsql;
using NpgsqlTypes;
using Zoetrope.Server.Ledger;
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
            select b.account_id, b.mode, b.available, b.held, b.alert_below, b.alerted_below from balances b
            join unnest(@accounts, @modes) as wanted (account_id, mode) on wanted.account_id = b.account_id and wanted.mode = b.mode
            order by b.account_id, b.mode for update of b
            """,
            Texts("accounts", accounts.Select(account => account.AccountId)),
            Numbers("modes", accounts.Select(account => (long)account.Mode))))
        {
            while (await row.ReadAsync())
            {
                books.Funds[(row.GetString(0), (KeyMode)row.GetInt64(1))] = new Funds(row.GetInt64(2), row.GetInt64(3), Optional(row, 4), Optional(row, 5));
            }
        }

        var limited = callers.Where(caller => caller.Plan.RequestsPerDay is not null).Select(caller => caller.AccountId).Distinct().Order(StringComparer.Ordinal).ToList();
        if (limited.Count > 0)
        {
            await Execute(
                tx,
                "insert into account_usage (account_id, day, requests) select account, @day, 0 from unnest(@accounts) as a (account) order by account on conflict do nothing",
                Texts("accounts", limited),
                new NpgsqlParameter("day", today));
            await using var row = await Reader(
                tx,
                "select account_id, requests from account_usage where account_id = any(@accounts) and day = @day order by account_id for update",
                Texts("accounts", limited),
                new NpgsqlParameter("day", today));
            while (await row.ReadAsync())
            {
                books.Days[row.GetString(0)] = new Day(row.GetInt64(1));
            }
        }

        var keyIds = callers.SelectMany(CommitBooks.KeysOf).Distinct().Order(StringComparer.Ordinal).ToList();
        await Execute(
            tx,
            "insert into key_usage (key_id, in_flight, next_allowed_us) select key, 0, 0 from unnest(@keys) as k (key) order by key on conflict do nothing",
            Texts("keys", keyIds));
        await using (var row = await Reader(tx, "select key_id, in_flight, next_allowed_us, spent_day, spent from key_usage where key_id = any(@keys) order by key_id for update", Texts("keys", keyIds)))
        {
            while (await row.ReadAsync())
            {
                books.Keys[row.GetString(0)] = new KeyFlight(row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), today);
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
        var at = new NpgsqlParameter("now", now.ToUnixTimeMilliseconds());
        var rows = accepted
            .SelectMany(submit => submit.Orders.Select((order, index) => (submit.Caller, Order: order, Id: submit.Made!.TaskIds[index], submit.BatchId, Index: index)))
            .ToList();
        await Execute(
            tx,
            """
            with submits as (
                select * from unnest(@accounts, @ids, @modes, @keys, @models, @media, @prompts, @parameters, @inputs, @outputs, @routes, @providers, @quoted, @transfers, @batches, @indexes)
                    as s (account, id, mode, key, model, media, prompt, parameters, inputs, output, route, provider, quoted, transfer, batch, batch_index)
            ), rows as (
                insert into generations (account_id, id, mode, key_id, status, version, model, media, prompt, parameters, inputs, output, route, provider,
                    attempts, retries, quoted, cancel_requested, created_at, next_run_at, batch_id, batch_index)
                select account, id, mode, key, 'queued', 1, model, media, prompt, parameters, inputs, output, route, provider, 0, 0, quoted, 0, @now, @now, batch, batch_index from submits
            ), holds as (
                insert into ledger_transfers (account_id, id, mode, kind, debit, credit, amount, generation_id, created_at)
                select account, transfer, mode, 'hold', 'available', 'held', quoted, id, @now from submits
            )
            insert into events (account_id, generation_id, type, created_at) select account, id, @created, @now from submits order by account, id
            """,
            Texts("accounts", rows.Select(row => row.Caller.AccountId)),
            Texts("ids", rows.Select(row => row.Id)),
            Numbers("modes", rows.Select(row => (long)row.Caller.Mode)),
            Numbers("quoted", rows.Select(row => row.Order.Credits)),
            Texts("keys", rows.Select(row => row.Caller.ApiKeyId)),
            Texts("models", rows.Select(row => row.Order.Model.Id)),
            Texts("media", rows.Select(row => row.Order.Model.MediaType.Word())),
            Texts("prompts", rows.Select(row => row.Order.Prompt)),
            Texts("parameters", rows.Select(row => row.Order.Parameters)),
            Texts("inputs", rows.Select(row => row.Order.InputsColumn)),
            Texts("outputs", rows.Select(row => row.Order.OutputColumn)),
            Numbers("routes", rows.Select(row => (long)row.Order.Route.Route)),
            Texts("providers", rows.Select(row => row.Order.Route.Provider)),
            Texts("transfers", rows.Select(row => CreditLedger.HoldId(row.Id))),
            Texts("batches", rows.Select(row => row.BatchId)),
            new NpgsqlParameter("indexes", NpgsqlDbType.Array | NpgsqlDbType.Bigint) { Value = rows.Select(row => row.BatchId is null ? (long?)null : row.Index).ToArray() },
            new NpgsqlParameter("created", EventTypes.Created),
            at);

        var batches = accepted.Where(submit => submit.BatchId is not null).ToList();
        if (batches.Count > 0)
        {
            await Execute(
                tx,
                """
                insert into batches (account_id, id, mode, key_id, total, open, created_at)
                select account, id, mode, key, total, total, @now from unnest(@accounts, @ids, @modes, @keys, @totals) as b (account, id, mode, key, total)
                """,
                Texts("accounts", batches.Select(submit => submit.Caller.AccountId)),
                Texts("ids", batches.Select(submit => submit.BatchId)),
                Numbers("modes", batches.Select(submit => (long)submit.Caller.Mode)),
                Texts("keys", batches.Select(submit => submit.Caller.ApiKeyId)),
                Numbers("totals", batches.Select(submit => (long)submit.Orders.Count)),
                new NpgsqlParameter("now", now.ToUnixTimeMilliseconds()));
        }

        var answered = accepted.Where(submit => submit.Answer is not null).ToList();
        if (answered.Count > 0)
        {
            await Execute(
                tx,
                """
                insert into idempotency_keys (account_id, mode, key, fingerprint, generation_id, response, created_at)
                select account, mode, key, fingerprint, generation, response, @now
                from unnest(@accounts, @modes, @keys, @fingerprints, @generations, @responses) as a (account, mode, key, fingerprint, generation, response)
                """,
                Texts("accounts", answered.Select(submit => submit.Caller.AccountId)),
                Numbers("modes", answered.Select(submit => (long)submit.Caller.Mode)),
                Texts("keys", answered.Select(submit => submit.Idempotent!.Key)),
                new NpgsqlParameter("fingerprints", NpgsqlDbType.Array | NpgsqlDbType.Bytea) { Value = answered.Select(submit => submit.Idempotent!.Fingerprint).ToArray() },
                Texts("generations", answered.Select(submit => submit.Made!.Id)),
                Texts("responses", answered.Select(submit => submit.Answer)),
                new NpgsqlParameter("now", now.ToUnixTimeMilliseconds()));
        }

        await Execute(
            tx,
            """
            update balances b set available = s.available, held = s.held
            from unnest(@accounts, @modes, @available, @held) as s (account, mode, available, held) where b.account_id = s.account and b.mode = s.mode
            """,
            Texts("accounts", books.Funds.Keys.Select(key => key.Account)),
            Numbers("modes", books.Funds.Keys.Select(key => (long)key.Mode)),
            Numbers("available", books.Funds.Values.Select(value => value.Available)),
            Numbers("held", books.Funds.Values.Select(value => value.Held)));
        if (books.Days.Count > 0)
        {
            await Execute(
                tx,
                "update account_usage u set requests = s.requests from unnest(@accounts, @requests) as s (account, requests) where u.account_id = s.account and u.day = @day",
                Texts("accounts", books.Days.Keys),
                Numbers("requests", books.Days.Values.Select(day => day.Requests)),
                new NpgsqlParameter("day", today));
        }

        await Execute(
            tx,
            """
            update key_usage k set in_flight = s.in_flight, next_allowed_us = s.next, spent_day = s.day, spent = s.spent
            from unnest(@keys, @in_flight, @next, @days, @spent) as s (key, in_flight, next, day, spent) where k.key_id = s.key
            """,
            Texts("keys", books.Keys.Keys),
            Numbers("in_flight", books.Keys.Values.Select(flight => flight.InFlight)),
            Numbers("next", books.Keys.Values.Select(flight => flight.NextAllowedMicroseconds)),
            Numbers("days", books.Keys.Values.Select(flight => flight.SpentDay)),
            Numbers("spent", books.Keys.Values.Select(flight => flight.Spent)));
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
