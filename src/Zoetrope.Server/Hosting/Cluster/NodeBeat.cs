using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting.Cluster;

/// <summary>
/// This node's sign of life in <c>nodes</c>, every few seconds: who serves, with which build, catalogue and settings. It is also
/// the proof that the database takes a write from here.
/// </summary>
internal sealed class NodeBeat(Database database, NodeFacts facts, ServerStop stop, Neighbours neighbours, TimeProvider time)
    : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    /// <summary>Who has said nothing for so long is not there.</summary>
    public static readonly TimeSpan Silent = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(1);

    private const string BeatSql =
        """
        insert into nodes (name, address, roles, build, schema, catalog, settings, leaving, started_at, beat_at)
        values (@name, @address, @roles, @build, (select max(scriptname) from schema_versions),
            @catalog, @settings, @leaving, @started, @now)
        on conflict (name) do update set address = excluded.address, roles = excluded.roles, build = excluded.build,
            schema = excluded.schema, catalog = excluded.catalog, settings = excluded.settings, leaving = excluded.leaving,
            started_at = excluded.started_at, beat_at = excluded.beat_at
        """;

    private const string OthersSql = "select address, roles, leaving from nodes where name <> @name and beat_at > @silent";

    private readonly DateTimeOffset _started = time.GetUtcNow();

    /// <summary>Writes a sign of life; returns once it is durable.</summary>
    public Task BeatAsync() => database.InTransactionAsync(tx => tx.ExecuteAsync(BeatSql, new
    {
        name = facts.Node.Name,
        address = facts.Node.Where,
        roles = facts.Node.Roles.Words(),
        build = ProductVersion.Text,
        catalog = facts.Catalog,
        settings = facts.Settings,
        leaving = stop.HasBegun,
        started = _started.ToUnixTimeMilliseconds(),
        now = time.GetUtcNow().ToUnixTimeMilliseconds(),
    }));

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(() => database.InTransactionAsync(
            tx => tx.ExecuteAsync("delete from nodes where name = @name", new { name = facts.Node.Name })));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await TryAsync(() => database.InTransactionAsync(tx => tx.ExecuteAsync(
            "delete from nodes where beat_at < @old", new { old = (time.GetUtcNow() - Forgotten).ToUnixTimeMilliseconds() })));
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            long? beaten = null;
            var left = false;
            do
            {
                if (beaten is null || time.GetElapsedTime(beaten.Value) >= Every || (stop.HasBegun && !left))
                {
                    (beaten, left) = (time.GetTimestamp(), stop.HasBegun);
                    await TryAsync(BeatAsync);
                }

                await TryAsync(SeeOthersAsync);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    // A node that is about to leave is known by all within two seconds, and nothing new is begun there.
    private async Task SeeOthersAsync()
    {
        var silent = (time.GetUtcNow() - Silent).ToUnixTimeMilliseconds();
        var others = await database.ReadAsync(async session =>
            await session.QueryAsync<(string Address, string Roles, bool Leaving)>(OthersSql, new { name = facts.Node.Name, silent }));
        var leaving = others.Where(node => node.Leaving).Select(node => node.Address);
        neighbours.See(
            stop.HasBegun ? leaving.Append(facts.Node.Where) : leaving,
            others.Any(node => !node.Leaving && NodeRolesText.Read(node.Roles) is { } roles && roles.HasFlag(NodeRoles.Worker)));
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
