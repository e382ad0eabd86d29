using Zoetrope.Server.Generations.Reconciling;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting.Gauges;

/// <summary>Of one provider and mode; the oldest is null where nothing waits.</summary>
internal sealed record QueueSample(string Provider, KeyMode Mode, long Queued, DateTimeOffset? Oldest, long Running);

/// <summary>Deliveries to active endpoints that were not made yet, and since when the oldest of them is due.</summary>
internal sealed record BacklogSample(KeyMode Mode, long Pending, DateTimeOffset? DueSince);

internal sealed record SuspenseSample(KeyMode Mode, long Tasks, long Credits);

/// <summary>The running task of a provider that should be looked at first.</summary>
internal sealed record DueSample(string Provider, DateTimeOffset Due);

/// <summary>The nodes of the database, and how often it broke a deadlock between them.</summary>
/// <param name="Serving">Those with a sign of life that are not about to leave.</param>
/// <param name="Silent">Those that were not stopped and have given no sign of life for a while.</param>
/// <param name="Differing">Of build, catalogue and settings: how many are not the same on all that live.</param>
/// <param name="Deadlocks">Since the database's statistics began.</param>
internal sealed record NodesSample(long Serving, long Silent, long Differing, long Deadlocks)
{
    public static readonly NodesSample Alone = new(1, 0, 0, 0);
}

/// <summary>What the database says about the server's work at one time. Each statement reads an index of open work, not the history.</summary>
internal sealed record GaugeSample(
    IReadOnlyList<QueueSample> Queues,
    IReadOnlyList<BacklogSample> Backlog,
    IReadOnlyList<SuspenseSample> Suspense,
    IReadOnlyList<DueSample> Due,
    NodesSample Nodes,
    long Cases,
    long DatabaseBytes)
{
    private static readonly KeyMode[] Modes = [KeyMode.Test, KeyMode.Live];

    private const string QueuedSql =
        "select provider, mode, count(*) as number, min(id) as first from generations where status = 'queued' group by provider, mode";

    private const string RunningSql =
        "select provider, mode, count(*) as number, null as first from generations where status = 'running' group by provider, mode";

    private const string BacklogSql =
        """
        select e.mode, count(*) as number, min(d.next_at) as due
        from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
        where d.state = 'pending' and e.state = 'active' group by e.mode
        """;

    private const string SuspenseSql =
        $"select s.mode, count(*) as number, cast(sum(s.amount) as bigint) as credits {Operator.Suspense.OpenSql} group by s.mode";

    private const string DueSql =
        "select provider, min(next_run_at) as due from generations where status = 'running' group by provider";

    private const string NodesSql =
        """
        select count(*) filter (where beat_at > @silent and not leaving) as serving, count(*) filter (where beat_at <= @silent) as silent,
            cast((count(distinct build) filter (where beat_at > @silent) > 1)::int
                + (count(distinct catalog) filter (where beat_at > @silent) > 1)::int
                + (count(distinct settings) filter (where beat_at > @silent) > 1)::int as bigint) as differing,
            (select deadlocks from pg_stat_database where datname = current_database()) as deadlocks
        from nodes
        """;

    /// <summary>A node says something every five seconds.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    public static async Task<GaugeSample> TakeAsync(Session session, ProviderRegistry providers, DateTimeOffset now)
    {
        var queued = await session.QueryAsync<Row>(QueuedSql);
        var running = await session.QueryAsync<Row>(RunningSql);
        var backlog = await session.QueryAsync<(long Mode, long Number, long? Due)>(BacklogSql);
        var due = await session.QueryAsync<(string Provider, long Due)>(DueSql);
        var suspense = await session.QueryAsync<(long Mode, long Number, long Credits)>(SuspenseSql);
        return new GaugeSample(
            [.. Places(providers, queued.Concat(running)).Select(place => new QueueSample(
                place.Provider,
                place.Mode,
                Of(queued, place)?.Number ?? 0,
                Of(queued, place)?.First is { } first ? Ids.TimeOf(Ids.Generation, first) : null,
                Of(running, place)?.Number ?? 0))],
            [.. Modes.Select(mode => backlog.Find(row => row.Mode == (long)mode) switch
            {
                var row => new BacklogSample(
                    mode, row.Number, row.Due is { } due ? DateTimeOffset.FromUnixTimeMilliseconds(due) : null),
            })],
            [.. Modes.Select(mode => suspense.Find(row => row.Mode == (long)mode) switch
            {
                var row => new SuspenseSample(mode, row.Number, row.Credits),
            })],
            [.. due.Select(row => new DueSample(row.Provider, DateTimeOffset.FromUnixTimeMilliseconds(row.Due)))],
            await NodesAsync(session, now),
            await CaseStore.CountOpenAsync(session),
            await session.ScalarAsync<long>(session.Dialect is SqlDialect.Sqlite
                ? "select page_count * page_size from pragma_page_count(), pragma_page_size()"
                : "select pg_database_size(current_database())"));
    }

    private static async Task<NodesSample> NodesAsync(Session session, DateTimeOffset now)
    {
        if (session.Dialect is SqlDialect.Sqlite)
        {
            return NodesSample.Alone;
        }

        var (serving, silent, differing, deadlocks) = await session.FirstOrDefaultAsync<(long, long, long, long)>(
            NodesSql, new { silent = (now - Silence).ToUnixTimeMilliseconds() });
        return new NodesSample(serving, silent, differing, deadlocks);
    }

    // What is configured, with the one mode that reaches it, and what else has work: a provider that was switched off.
    private static IEnumerable<(string Provider, KeyMode Mode)> Places(ProviderRegistry providers, IEnumerable<Row> rows) =>
        providers.Names.Select(name => (name, providers.Get(name).Profile.BuiltIn ? KeyMode.Test : KeyMode.Live))
            .Concat(rows.Select(row => (row.Provider, (KeyMode)row.Mode)))
            .Distinct();

    private static Row? Of(List<Row> rows, (string Provider, KeyMode Mode) place) =>
        rows.Find(row => row.Provider == place.Provider && row.Mode == (long)place.Mode);

    private sealed class Row
    {
        public string Provider { get; init; } = "";

        public long Mode { get; init; }

        public long Number { get; init; }

        public string? First { get; init; }
    }
}
