using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Storage;
using Field = Zoetrope.Server.Admission.Commit.GenerationColumn;

namespace Zoetrope.Server.Generations;

/// <summary>
/// The table <c>generations</c>: clustered by account and id, so every read of customer data names its account and
/// listing needs no index of its own.
/// </summary>
internal static class GenerationStore
{
    // Of more accounts than this the rest waits for the next round.
    private const int MostWaitingAccounts = 1_000;

    private static readonly string FindSql = $"select {GenerationColumns.All} from generations where account_id = @account and id = @id";

    private static readonly string FindManySql =
        $"""
        select {GenerationColumns.All} from unnest(@accounts, @ids) as wanted(wanted_account, wanted_id)
        join generations on account_id = wanted_account and id = wanted_id
        """;

    // The concatenation keeps the account's whole history out of it: the index of running rows is short.
    private static readonly string RunningOfSql =
        $"select {GenerationColumns.All} from generations where status = 'running' and account_id || '' = @account "
        + "order by id desc limit @take";

    // Everything that a transition may change; what a generation was submitted with stays.
    private static readonly Column<Saved>[] Changing =
    [
        Text(Field.Status, row => row.Next.Status.Word()),
        Text(Field.Step, row => row.Next.Step?.Word()),
        Number(Field.Version, row => row.Next.Version),
        Number(Field.Route, row => row.Next.Route),
        Text(Field.Provider, row => row.Next.Provider),
        Number(Field.Attempts, row => row.Next.Attempts),
        Text(Field.AttemptId, row => row.Next.AttemptId),
        Text(Field.ProviderTaskId, row => row.Next.ProviderTaskId),
        Number(Field.Retries, row => row.Next.Retries),
        Number(Field.Charged, row => row.Next.Charged),
        Number(Field.Progress, row => row.Next.Progress),
        Number(Field.QueuePosition, row => row.Next.QueuePosition),
        Number(Field.CancelRequested, row => (long)row.Next.Cancel),
        Time(Field.StartedAt, row => row.Next.StartedAt),
        Time(Field.FinishedAt, row => row.Next.FinishedAt),
        Time(Field.DeadlineAt, row => row.Next.DeadlineAt),
        Time(Field.NextRunAt, row => row.Next.NextRunAt),
        Text(Field.ErrorCode, row => row.Next.ErrorCode),
        Text(Field.ErrorMessage, row => row.Next.ErrorMessage),
        Text(Field.ProviderError, row => row.Next.ProviderError),
        Text(Field.Result, row => row.Next.Result),
        Text(Field.ProviderCall, row => row.Next.ProviderCall),
        Column<Saved>.Text("owner", row => row.Next.Status is GenerationStatus.Running ? row.Owner : null),
    ];

    private static readonly HotStatement<Saved> Save = new(
        $"""
        update generations set {string.Join(", ", Changing.Select(column => $"{column.Name} = {column.Sql}"))}
        where account_id = @account_id and id = @id and version = @expected
        """,
        [
            .. Changing,
            Text(Field.AccountId, row => row.Next.AccountId),
            Text(Field.Id, row => row.Next.Id),
            Column<Saved>.Number("expected", row => row.Expected),
        ]);

    private const string RenewLeaseSql =
        """
        update generations set next_run_at = @until
        where account_id = @account and id = @id and attempt_id = @attempt and status = 'running' and step = @step
        """;

    private static readonly string NextQueuedSql =
        $"""
        select {GenerationColumns.All} from generations
        where status = 'queued' and provider = @provider and mode = @mode and account_id = @account and id > @after
          and next_run_at <= @now
        order by id limit 1
        """;

    private const string HasQueuedSql =
        "select exists (select 1 from generations where status = 'queued' and provider = @provider and next_run_at <= @now)";

    // From account to account by the index, however long the queue of each is.
    private const string QueuedAccountsSql =
        """
        with recursive waiting (account) as (
            select (
                select account_id from generations
                where status = 'queued' and provider = @provider and mode = @mode and next_run_at <= @now
                order by account_id limit 1)
            union all
            select (
                select account_id from generations
                where status = 'queued' and provider = @provider and mode = @mode and next_run_at <= @now
                  and account_id > waiting.account
                order by account_id limit 1)
            from waiting where waiting.account is not null
        )
        select account from waiting where account is not null limit @most
        """;

    // Both by the first entry of an index, however long the queue is.
    private const string NextDueSql =
        """
        select
            (select min(next_run_at) from generations where status = 'running' and provider = @provider),
            exists (select 1 from generations where status = 'queued' and provider = @provider)
        """;

    private const string CountRunningSql = "select count(*) from generations where status = 'running' and provider = @provider";

    private const string RunningByAccountSql =
        "select account_id, count(*) from generations where status = 'running' and provider = @provider group by account_id";

    private const string DueSql =
        """
        select account_id, id from generations
        where status = 'running' and provider = @provider and next_run_at <= @due
        order by next_run_at limit @take
        """;

    private const string WakeAllRunningSql =
        "update generations set next_run_at = @now where status = 'running' and provider = @provider and next_run_at > @now";

    // In the words of the index of finished test tasks, which are the only rows that it holds.
    private const string FinishedTest = " and mode = 0 and finished_at is not null";

    private static string NextAccountWithOldSql(bool testOnly) =>
        $"""
        select id from accounts
        where id > @after and exists (
            select 1 from generations where account_id = accounts.id and generations.id < @bound{(testOnly ? FinishedTest : "")})
        order by id limit 1
        """;

    // Only what is finished has an end. What belongs to a batch goes with the batch.
    private static string DeleteFinishedSql(bool testOnly) =>
        $"""
        delete from generations where account_id = @account and id in (
            select id from generations where account_id = @account and id < @bound and batch_id is null and finished_at < @before
            {(testOnly ? FinishedTest : "")}
            order by id limit 100
        )
        returning {GenerationColumns.All}
        """;

    private static readonly string DeleteBatchSql =
        $"delete from generations where account_id = @account and batch_id = @batch returning {GenerationColumns.All}";

    public static ValueTask<Generation?> FindAsync(Session session, string accountId, string id) =>
        session.Dialect is SqlDialect.Sqlite ? new(Find(session, accountId, id)) : FindOverWireAsync(session, accountId, id);

    private static Generation? Find(Session session, string accountId, string id)
    {
        var statement = session.Statement(FindSql).Bind("account", accountId).Bind("id", id);
        var generation = statement.Step() ? GenerationRow.Read(new StatementRow(statement)) : null;
        statement.Reset();
        return generation;
    }

    private static async ValueTask<Generation?> FindOverWireAsync(Session session, string accountId, string id) =>
        (await ReadAllAsync(session, FindSql, new { account = accountId, id })).FirstOrDefault();

    /// <summary>The rows that exist of many, in no order.</summary>
    public static async ValueTask<List<Generation>> FindManyAsync(
        Session session, IReadOnlyCollection<(string AccountId, string Id)> wanted)
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
            : await ReadAllAsync(
                session,
                FindManySql,
                new { accounts = wanted.Select(one => one.AccountId).ToArray(), ids = wanted.Select(one => one.Id).ToArray() });
    }

    /// <summary>Where the task comes from; empty where that was not kept.</summary>
    public static async ValueTask<Trail> TrailAsync(Session session, string accountId, string id)
    {
        var (request, trace, span) = await session.FirstOrDefaultAsync<(string?, string?, string?)>(
            "select request_id, trace_id, span_id from generations where account_id = @accountId and id = @id", new { accountId, id });
        return new Trail(request, trace) { SpanId = span, TaskId = id };
    }

    /// <summary>What of the account runs now, the newest first.</summary>
    public static async ValueTask<List<Generation>> RunningOfAsync(Session session, string accountId, int take) =>
        await ReadAllAsync(session, RunningOfSql, new { account = accountId, take = (long)take });

    /// <summary>Saves a transition; false when somebody else moved the row since it was read.</summary>
    /// <param name="owner">Who drives it while it runs.</param>
    public static async Task<bool> SaveAsync(Tx tx, Generation next, long expectedVersion, string? owner) =>
        await Save.RunAsync(tx, new Saved(next, expectedVersion, owner)) == 1;

    /// <summary>
    /// Keeps the lease of a submit or of an ingest alive without moving the version; false when that attempt is no longer at that
    /// step. A cancel meanwhile does not end it.
    /// </summary>
    public static async Task<bool> RenewLeaseAsync(Tx tx, Generation generation, DateTimeOffset until) =>
        await tx.ExecuteAsync(
            RenewLeaseSql,
            new
            {
                until = until.ToUnixTimeMilliseconds(),
                account = generation.AccountId,
                id = generation.Id,
                attempt = generation.AttemptId,
                step = generation.Step?.Word(),
            }) == 1;

    /// <summary>The account's first due queued row at the provider behind this id.</summary>
    public static async Task<Generation?> NextQueuedAsync(
        Session session, string provider, KeyMode mode, string accountId, string after, DateTimeOffset now) =>
        (await ReadAllAsync(
            session,
            NextQueuedSql,
            new { provider, mode = (long)mode, account = accountId, after, now = now.ToUnixTimeMilliseconds() }))
            .FirstOrDefault();

    /// <summary>Whether anything waits at the provider that may run now.</summary>
    public static async ValueTask<bool> HasQueuedAsync(Session session, string provider, DateTimeOffset now) =>
        await session.ScalarAsync<bool>(HasQueuedSql, new { provider, now = now.ToUnixTimeMilliseconds() });

    /// <summary>The accounts with something due in the provider's queue, in the order of their ids.</summary>
    public static Task<List<string>> QueuedAccountsAsync(Session session, string provider, KeyMode mode, DateTimeOffset now) =>
        session.QueryAsync<string>(
            QueuedAccountsSql,
            new { provider, mode = (long)mode, now = now.ToUnixTimeMilliseconds(), most = MostWaitingAccounts });

    /// <summary>Keeps every other scheduler of the provider waiting until this transaction ends; the lock of its places.</summary>
    public static async Task LockPlacesAsync(Tx tx, string provider)
    {
        if (tx.Dialect is SqlDialect.Postgres)
        {
            // Made by whoever is first; an update of nothing, so that the row is locked either way.
            await tx.ExecuteAsync(
                "insert into provider_places (provider) values (@provider) on conflict (provider) do update set provider = excluded.provider",
                new { provider });
        }
    }

    /// <summary>When the first running row of the provider is due, if any runs, and whether anything is queued there.</summary>
    public static async ValueTask<(DateTimeOffset? Due, bool HasQueue)> NextDueAsync(Session session, string provider)
    {
        var (due, queued) = await session.FirstOrDefaultAsync<(long?, bool)>(NextDueSql, new { provider });
        return (due is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null, queued);
    }

    public static async ValueTask<long> CountRunningAsync(Session session, string provider) =>
        await session.ScalarAsync<long>(CountRunningSql, new { provider });

    /// <summary>How much each account runs at the provider: no more accounts than it has places.</summary>
    public static async Task<Dictionary<string, long>> RunningByAccountAsync(Session session, string provider) =>
        (await session.QueryAsync<(string Account, long Count)>(RunningByAccountSql, new { provider }))
            .ToDictionary(row => row.Account, row => row.Count, StringComparer.Ordinal);

    public static async ValueTask<List<(string AccountId, string Id)>> DueAsync(
        Session session, string provider, DateTimeOffset due, int take) =>
        await session.QueryAsync<(string, string)>(DueSql, new { provider, due = due.ToUnixTimeMilliseconds(), take });

    /// <summary>Makes every running row of the provider due: after a restart of the only process, nobody else holds a lease.</summary>
    public static Task<int> WakeAllRunningAsync(Tx tx, string provider, DateTimeOffset now) =>
        tx.ExecuteAsync(WakeAllRunningSql, new { provider, now = now.ToUnixTimeMilliseconds() });

    /// <summary>The next account, in the order of ids, with a task from before this time; a test key's, if only those count.</summary>
    public static Task<string?> NextAccountWithOldAsync(Session session, string after, DateTimeOffset old, bool testOnly) =>
        session.ScalarAsync<string>(NextAccountWithOldSql(testOnly), new { after, bound = Ids.First(Ids.Generation, old) });

    /// <summary>Deletes some of the account's tasks that ended before this time and are of no batch; returns what they were.</summary>
    public static async Task<List<Generation>> DeleteFinishedAsync(Tx tx, string accountId, DateTimeOffset old, bool testOnly) =>
        await ReadAllAsync(
            tx,
            DeleteFinishedSql(testOnly),
            new { account = accountId, bound = Ids.First(Ids.Generation, old), before = old.ToUnixTimeMilliseconds() });

    /// <summary>Deletes the items of a batch; returns what they were.</summary>
    public static async Task<List<Generation>> DeleteBatchAsync(Tx tx, string accountId, string batchId) =>
        await ReadAllAsync(tx, DeleteBatchSql, new { account = accountId, batch = batchId });

    public static async ValueTask<List<Generation>> ReadAllAsync(Session session, string sql, object arguments) =>
        await session.RowsAsync(sql, arguments, static row => GenerationRow.Read(new ReaderRow(row)));

    private static Column<Saved> Text(Field column, Func<Saved, string?> value) => Column<Saved>.Text(column.Name(), value);

    private static Column<Saved> Number(Field column, Func<Saved, long?> value) => Column<Saved>.Optional(column.Name(), value);

    private static Column<Saved> Time(Field column, Func<Saved, DateTimeOffset?> value) =>
        Column<Saved>.Optional(column.Name(), row => value(row)?.ToUnixTimeMilliseconds());

    /// <summary>A row as it is to be, and the version that it must still have.</summary>
    private readonly record struct Saved(Generation Next, long Expected, string? Owner);
}
