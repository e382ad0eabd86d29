using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting.Gauges;

/// <summary>Of one provider and mode; the oldest is null where nothing waits.</summary>
internal sealed record QueueSample(string Provider, KeyMode Mode, long Queued, DateTimeOffset? Oldest, long Running);

/// <summary>Deliveries to active endpoints that were not made yet, and since when the oldest of them is due.</summary>
internal sealed record BacklogSample(KeyMode Mode, long Pending, DateTimeOffset? DueSince);

internal sealed record SuspenseSample(KeyMode Mode, long Tasks, long Credits);

/// <summary>What the database says about the server's work at one time. Each statement reads an index of open work, not the history.</summary>
internal sealed record GaugeSample(
    IReadOnlyList<QueueSample> Queues,
    IReadOnlyList<BacklogSample> Backlog,
    IReadOnlyList<SuspenseSample> Suspense,
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

    public static async Task<GaugeSample> TakeAsync(Session session, ProviderRegistry providers)
    {
        var queued = await session.QueryAsync<Row>(QueuedSql);
        var running = await session.QueryAsync<Row>(RunningSql);
        var backlog = await session.QueryAsync<(long Mode, long Number, long? Due)>(BacklogSql);
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
            await session.ScalarAsync<long>(session.Dialect is SqlDialect.Sqlite
                ? "select page_count * page_size from pragma_page_count(), pragma_page_size()"
                : "select pg_database_size(current_database())"));
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
