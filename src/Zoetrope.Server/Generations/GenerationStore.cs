using System.Data.Common;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>
/// The table <c>generations</c>: clustered by account and id, so every read of customer data names its account and
/// listing needs no index of its own.
/// </summary>
internal static class GenerationStore
{
    private const string Columns =
        """
        account_id, id, mode, key_id, status, step, version, model, media, prompt, parameters, inputs, output, route, provider,
        attempts, attempt_id, provider_task_id, retries, quoted, charged, progress, queue_position, cancel_requested,
        created_at, started_at, finished_at, deadline_at, next_run_at, error_code, error_message, provider_error, result,
        provider_call, batch_id
        """;

    private const string FindSql = $"select {Columns} from generations where account_id = @account and id = @id";
    private const string FindStatement = $"select {Columns} from generations where account_id = ?1 and id = ?2";

    private const string FindManySql =
        $"select {Columns} from unnest(@accounts, @ids) as wanted(wanted_account, wanted_id) join generations on account_id = wanted_account and id = wanted_id";

    // The concatenation keeps the account's whole history out of it: the index of running rows is short.
    private const string RunningOfSql =
        $"select {Columns} from generations where status = 'running' and account_id || '' = @account order by id desc limit @take";

    // The inner limit bounds how far a rare filter may scan; the cursor then goes on behind what was scanned.
    private const string ListSql =
        $"""
        select {Columns} from (
            select * from generations where account_id = @account and id < @before order by id desc limit @scan
        ) page
        where mode = @mode
          and (cast(@status as text) is null or status = @status)
          and (cast(@model as text) is null or model = @model)
          and (cast(@media as text) is null or media = @media)
        order by id desc limit @take
        """;

    private const string LastScannedSql =
        """
        select min(id) as last, count(*) as scanned from (
            select id from generations where account_id = @account and id < @before order by id desc limit @scan
        ) page
        """;

    private const string OldestFirstSql =
        $"""
        select {Columns} from (
            select * from generations where account_id = @account and id > @before order by id limit @scan
        ) page
        where mode = @mode
          and (cast(@status as text) is null or status = @status)
          and (cast(@model as text) is null or model = @model)
          and (cast(@media as text) is null or media = @media)
        order by id limit @take
        """;

    private const string LastScannedOldestFirstSql =
        """
        select max(id) as last, count(*) as scanned from (
            select id from generations where account_id = @account and id > @before order by id limit @scan
        ) page
        """;

    private const string SaveSql =
        """
        update generations set
            status = @status, step = @step, version = @version, route = @route, provider = @provider, attempts = @attempts,
            attempt_id = @attempt_id, provider_task_id = @provider_task_id, retries = @retries, charged = @charged,
            progress = @progress, queue_position = @queue_position, cancel_requested = @cancel, started_at = @started_at,
            finished_at = @finished_at, deadline_at = @deadline_at, next_run_at = @next_run_at, error_code = @error_code,
            error_message = @error_message, provider_error = @provider_error, result = @result, provider_call = @provider_call
        where account_id = @account and id = @id and version = @expected
        """;

    private const string RenewLeaseSql =
        """
        update generations set next_run_at = @until
        where account_id = @account and id = @id and attempt_id = @attempt and status = 'running' and step = 'submit'
        """;

    private const string NextQueuedSql =
        $"""
        select {Columns} from generations
        where status = 'queued' and provider = @provider and mode = @mode and (account_id, id) > (@account, @id)
          and next_run_at <= @now
        order by account_id, id limit 1
        """;

    private const string CountRunningSql = "select count(*) from generations where status = 'running' and provider = @provider";

    private const string DueSql =
        """
        select account_id, id from generations
        where status = 'running' and provider = @provider and next_run_at <= @due
        order by next_run_at limit @take
        """;

    private const string WakeAllRunningSql =
        "update generations set next_run_at = @now where status = 'running' and provider = @provider and next_run_at > @now";

    private const string NextAccountWithOldSql =
        """
        select id from accounts
        where id > @after and exists (select 1 from generations where account_id = accounts.id and generations.id < @bound)
        order by id limit 1
        """;

    // Only what is finished has an end. What belongs to a batch goes with the batch.
    private const string DeleteFinishedSql =
        $"""
        delete from generations where account_id = @account and id in (
            select id from generations where account_id = @account and id < @bound and batch_id is null and finished_at < @before order by id limit 100
        )
        returning {Columns}
        """;

    private const string DeleteBatchSql = $"delete from generations where account_id = @account and batch_id = @batch returning {Columns}";

    public static ValueTask<Generation?> FindAsync(Session session, string accountId, string id) =>
        session.Dialect is SqlDialect.Sqlite ? new(Find(session, accountId, id)) : FindOverWireAsync(session, accountId, id);

    private static Generation? Find(Session session, string accountId, string id)
    {
        var statement = session.Statement(FindStatement).Bind(1, accountId).Bind(2, id);
        var generation = statement.Step() ? Read(new StatementRow(statement)) : null;
        statement.Reset();
        return generation;
    }

    private static async ValueTask<Generation?> FindOverWireAsync(Session session, string accountId, string id)
    {
        var command = session.Command(FindSql, ("account", accountId), ("id", id));
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? Read(new ReaderRow(reader)) : null;
    }

    /// <summary>The rows that exist of many, in no order.</summary>
    public static async ValueTask<List<Generation>> FindManyAsync(Session session, IReadOnlyCollection<(string AccountId, string Id)> wanted)
    {
        var found = new List<Generation>(wanted.Count);
        if (session.Dialect is SqlDialect.Sqlite)
        {
            foreach (var (accountId, id) in wanted)
            {
                if (Find(session, accountId, id) is { } generation)
                {
                    found.Add(generation);
                }
            }

            return found;
        }

        return wanted.Count == 0
            ? found
            : await ReadAllAsync(session.Command(FindManySql, ("accounts", wanted.Select(one => one.AccountId).ToArray()), ("ids", wanted.Select(one => one.Id).ToArray())));
    }

    /// <summary>What of the account runs now, the newest first.</summary>
    public static async ValueTask<List<Generation>> RunningOfAsync(Session session, string accountId, int take) =>
        await ReadAllAsync(session.Command(RunningOfSql, ("account", accountId), ("take", (long)take)));

    /// <summary>A page, newest first, and the cursor behind it; null where nothing is left.</summary>
    public static async ValueTask<(List<Generation> Page, string? Next)> ListAsync(Session session, string accountId, KeyMode mode, GenerationFilter filter)
    {
        const int maxScan = 5_000;
        var before = filter.Before ?? (filter.OldestFirst ? Ids.Generation : Ids.Generation + "~");
        var command = session.Command(
            filter.OldestFirst ? OldestFirstSql : ListSql,
            ("account", accountId),
            ("before", before),
            ("scan", (long)maxScan),
            ("mode", (long)mode),
            ("status", filter.Status),
            ("model", filter.Model),
            ("media", filter.Media),
            ("take", (long)filter.Limit + 1));
        var page = await ReadAllAsync(command);
        if (page.Count > filter.Limit)
        {
            page.RemoveAt(filter.Limit);
            return (page, page[^1].Id);
        }

        var (last, scanned) = await session.FirstOrDefaultAsync<(string?, long)>(filter.OldestFirst ? LastScannedOldestFirstSql : LastScannedSql, new { account = accountId, before, scan = maxScan });
        return (page, scanned == maxScan ? last : null);
    }

    /// <summary>Saves a transition; false when somebody else moved the row since it was read.</summary>
    public static async Task<bool> SaveAsync(Tx tx, Generation next, long expectedVersion)
    {
        var command = tx.Command(
            SaveSql,
            ("status", next.Status.Word()),
            ("step", next.Step?.Word()),
            ("version", next.Version),
            ("route", (long)next.Route),
            ("provider", next.Provider),
            ("attempts", (long)next.Attempts),
            ("attempt_id", next.AttemptId),
            ("provider_task_id", next.ProviderTaskId),
            ("retries", (long)next.Retries),
            ("charged", next.Charged),
            ("progress", (long?)next.Progress),
            ("queue_position", (long?)next.QueuePosition),
            ("cancel", (long)next.Cancel),
            ("started_at", Milliseconds(next.StartedAt)),
            ("finished_at", Milliseconds(next.FinishedAt)),
            ("deadline_at", Milliseconds(next.DeadlineAt)),
            ("next_run_at", Milliseconds(next.NextRunAt)),
            ("error_code", next.ErrorCode),
            ("error_message", next.ErrorMessage),
            ("provider_error", next.ProviderError),
            ("result", next.Result),
            ("provider_call", next.ProviderCall),
            ("account", next.AccountId),
            ("id", next.Id),
            ("expected", expectedVersion));
        return await command.ExecuteNonQueryAsync() == 1;
    }

    /// <summary>Keeps a submit's lease alive without moving the version; false when that attempt is no longer the one in the air. A cancel meanwhile does not end it.</summary>
    public static async Task<bool> RenewLeaseAsync(Tx tx, Generation generation, DateTimeOffset until) =>
        await tx.ExecuteAsync(RenewLeaseSql, new { until = until.ToUnixTimeMilliseconds(), account = generation.AccountId, id = generation.Id, attempt = generation.AttemptId }) == 1;

    /// <summary>The next due queued row of the provider behind (account, id) in index order, so that a walk visits account after account.</summary>
    public static async Task<Generation?> NextQueuedAsync(Session session, string provider, KeyMode mode, string accountId, string id, DateTimeOffset now)
    {
        var command = session.Command(
            NextQueuedSql,
            ("provider", provider),
            ("mode", (long)mode),
            ("account", accountId),
            ("id", id),
            ("now", now.ToUnixTimeMilliseconds()));
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? Read(new ReaderRow(reader)) : null;
    }

    public static async ValueTask<long> CountRunningAsync(Session session, string provider) =>
        await session.ScalarAsync<long>(CountRunningSql, new { provider });

    public static async ValueTask<List<(string AccountId, string Id)>> DueAsync(Session session, string provider, DateTimeOffset due, int take) =>
        await session.QueryAsync<(string, string)>(DueSql, new { provider, due = due.ToUnixTimeMilliseconds(), take });

    /// <summary>Makes every running row of the provider due: after a restart of the only process, nobody else holds a lease.</summary>
    public static Task<int> WakeAllRunningAsync(Tx tx, string provider, DateTimeOffset now) =>
        tx.ExecuteAsync(WakeAllRunningSql, new { provider, now = now.ToUnixTimeMilliseconds() });

    /// <summary>The next account, in the order of ids, with a task from before this time.</summary>
    public static Task<string?> NextAccountWithOldAsync(Session session, string after, DateTimeOffset old) =>
        session.ScalarAsync<string>(NextAccountWithOldSql, new { after, bound = Ids.First(Ids.Generation, old) });

    /// <summary>Deletes some of the account's tasks that ended before this time and are of no batch; returns what they were.</summary>
    public static async Task<List<Generation>> DeleteFinishedAsync(Tx tx, string accountId, DateTimeOffset old) => await ReadAllAsync(tx.Command(
        DeleteFinishedSql, ("account", accountId), ("bound", Ids.First(Ids.Generation, old)), ("before", old.ToUnixTimeMilliseconds())));

    /// <summary>Deletes the items of a batch; returns what they were.</summary>
    public static async Task<List<Generation>> DeleteBatchAsync(Tx tx, string accountId, string batchId) =>
        await ReadAllAsync(tx.Command(DeleteBatchSql, ("account", accountId), ("batch", batchId)));

    private static async ValueTask<List<Generation>> ReadAllAsync(DbCommand command)
    {
        var rows = new List<Generation>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            rows.Add(Read(new ReaderRow(reader)));
        }

        return rows;
    }

    private static long? Milliseconds(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds();

    private static Generation Read<TRow>(TRow row)
        where TRow : struct, IRow => new()
    {
        AccountId = row.Text(0),
        Id = row.Text(1),
        Mode = (KeyMode)row.Int64(2),
        KeyId = row.Text(3),
        Status = GenerationWords.Status(row.Text(4)),
        Step = GenerationWords.Step(Text(row, 5)),
        Version = row.Int64(6),
        Model = row.Text(7),
        Media = row.Text(8) == "image" ? MediaType.Image : MediaType.Video,
        Prompt = row.Text(9),
        Parameters = row.Text(10),
        Inputs = Text(row, 11),
        Output = row.Text(12),
        Route = (int)row.Int64(13),
        Provider = row.Text(14),
        Attempts = (int)row.Int64(15),
        AttemptId = Text(row, 16),
        ProviderTaskId = Text(row, 17),
        Retries = (int)row.Int64(18),
        Quoted = row.Int64(19),
        Charged = Number(row, 20),
        Progress = (int?)Number(row, 21),
        QueuePosition = (int?)Number(row, 22),
        Cancel = (CancelState)row.Int64(23),
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(24)),
        StartedAt = Time(row, 25),
        FinishedAt = Time(row, 26),
        DeadlineAt = Time(row, 27),
        NextRunAt = Time(row, 28),
        ErrorCode = Text(row, 29),
        ErrorMessage = Text(row, 30),
        ProviderError = Text(row, 31),
        Result = Text(row, 32),
        ProviderCall = Text(row, 33),
        BatchId = Text(row, 34),
    };

    private static string? Text<TRow>(TRow row, int column)
        where TRow : struct, IRow => row.IsNull(column) ? null : row.Text(column);

    private static long? Number<TRow>(TRow row, int column)
        where TRow : struct, IRow => row.IsNull(column) ? null : row.Int64(column);

    private static DateTimeOffset? Time<TRow>(TRow row, int column)
        where TRow : struct, IRow => row.IsNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(column));
}

/// <summary>What a listing asks for.</summary>
/// <param name="Limit">Rows of the page, 1–100.</param>
/// <param name="Before">Cursor: only ids below this one.</param>
/// <param name="Status">A status word of the table, or any.</param>
internal sealed record GenerationFilter(int Limit, string? Before, string? Status, string? Model, string? Media)
{
    /// <summary>Oldest first; <see cref="Before"/> is then the id that the page comes after.</summary>
    public bool OldestFirst { get; init; }
}
