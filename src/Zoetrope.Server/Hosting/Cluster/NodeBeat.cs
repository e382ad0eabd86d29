using Zoetrope.Server.Catalog;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting.Cluster;

/// <summary>
/// This node's sign of life in <c>nodes</c>, every few seconds: who serves, with which build, catalogue and settings. It is also
/// the proof that the database takes a write from here.
/// </summary>
internal sealed class NodeBeat(Database database, JoinedNode joined, CatalogHolder catalog, SettingsPrint settings, TimeProvider time)
    : BackgroundService
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(1);

    private const string BeatSql =
        """
        insert into nodes (name, address, roles, build, schema, catalog, settings, started_at, beat_at)
        values (@name, @address, @roles, @build, (select max(scriptname) from schema_versions), @catalog, @settings, @started, @now)
        on conflict (name) do update set address = excluded.address, roles = excluded.roles, build = excluded.build,
            schema = excluded.schema, catalog = excluded.catalog, settings = excluded.settings, started_at = excluded.started_at,
            beat_at = excluded.beat_at
        """;

    private readonly DateTimeOffset _started = time.GetUtcNow();

    /// <summary>Writes a sign of life; returns once it is durable.</summary>
    public Task BeatAsync() => database.InTransactionAsync(tx => tx.ExecuteAsync(BeatSql, new
    {
        name = joined.Node.Name,
        address = $"{joined.Node.Address}:{joined.Node.Port}",
        roles = joined.Node.Roles.Words(),
        build = ProductVersion.Text,
        catalog = catalog.Current.Print,
        settings = settings.Text,
        started = _started.ToUnixTimeMilliseconds(),
        now = time.GetUtcNow().ToUnixTimeMilliseconds(),
    }));

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(() => database.InTransactionAsync(
            tx => tx.ExecuteAsync("delete from nodes where name = @name", new { name = joined.Node.Name })));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await TryAsync(() => database.InTransactionAsync(tx => tx.ExecuteAsync(
            "delete from nodes where beat_at < @old", new { old = (time.GetUtcNow() - Forgotten).ToUnixTimeMilliseconds() })));
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            do
            {
                await TryAsync(BeatAsync);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task TryAsync(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (Exception exception) when (database.MayPass(exception))
        {
            // Readiness says that the database is away.
        }
    }
}
