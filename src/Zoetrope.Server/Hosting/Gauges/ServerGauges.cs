using System.Diagnostics.Metrics;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.S3;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting.Gauges;

/// <summary>
/// What waits, what runs and what stands still, for /metrics. The database is asked every few seconds, however often anybody
/// scrapes; while it does not answer, what it would say is left out.
/// </summary>
internal sealed partial class ServerGauges(
    Database database, ProviderRegistry providers, ArtifactOptions artifacts, TimeProvider time, ILogger<ServerGauges> logger)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private GaugeSample? _sample;

    /// <param name="meters">Where they are registered.</param>
    /// <param name="bucket">Where files are, if not on the disk.</param>
    public void Measure(IMeterFactory meters, Bucket? bucket)
    {
        var meter = meters.Create("Zoetrope");
        meter.CreateObservableGauge(
            "zoetrope.queue.tasks", () => Queues(queue => queue.Queued), "{task}", "Tasks that wait for a slot of their provider.");
        meter.CreateObservableGauge(
            "zoetrope.queue.oldest_age", () => Queues(queue => Age(queue.Oldest)), "s", "How long the oldest of them has waited; 0 if none waits.");
        meter.CreateObservableGauge(
            "zoetrope.slots.used", () => Queues(queue => queue.Running), "{slot}", "Slots of the provider that a running task has.");
        meter.CreateObservableGauge(
            "zoetrope.slots.limit", () => Providers((name, _) => providers.Options(name).Concurrency), "{slot}", "Slots of the provider.");
        meter.CreateObservableGauge(
            "zoetrope.keys.configured", () => Providers((_, gate) => gate.Keys.Count), "{key}", "Keys of the provider.");
        meter.CreateObservableGauge(
            "zoetrope.keys.parked",
            () => Providers((_, gate) => gate.Standing().Keys.Count(key => key.ParkedUntil is not null)),
            "{key}",
            "Keys that the provider refused or slowed down, and that rest for a while.");
        meter.CreateObservableGauge(
            "zoetrope.circuit.open",
            () => Providers((_, gate) => gate.Standing().CircuitOpen ? 1 : 0),
            "{circuit}",
            "1 while the provider failed so often that it is left alone for a while.");
        meter.CreateObservableGauge(
            "zoetrope.webhooks.pending", () => Backlog(backlog => backlog.Pending), "{delivery}", "Webhooks to active endpoints that are not delivered yet.");
        meter.CreateObservableGauge(
            "zoetrope.webhooks.overdue",
            () => Backlog(backlog => Age(backlog.DueSince)),
            "s",
            "How long the oldest of them could have been sent; 0 while all wait for their time.");
        meter.CreateObservableGauge(
            "zoetrope.suspense.tasks", () => Suspense(row => row.Tasks), "{task}", "Tasks whose vendor may have billed for what nobody received.");
        meter.CreateObservableGauge("zoetrope.suspense.credits", () => Suspense(row => row.Credits), "{credit}", "The price of these tasks.");
        meter.CreateObservableGauge(
            "zoetrope.cases.open", Cases, "{case}", "Differences between vendors' lists of jobs and what was written down.");
        meter.CreateObservableGauge(
            "zoetrope.tasks.overdue", Overdue, "s", "How long a running task could have been looked at and was not; a few seconds are normal.");
        MeasureCluster(meter);
        meter.CreateObservableGauge(
            "zoetrope.bucket.away", () => bucket?.Health.Known is false ? 1 : 0, "{bucket}", "1 while the bucket does not answer this node.");
        meter.CreateObservableGauge("zoetrope.disk.free", () => Disk().AvailableFreeSpace, "By", "Free bytes of the data directory's disk.");
        meter.CreateObservableGauge("zoetrope.disk.size", () => Disk().TotalSize, "By", "All bytes of that disk.");
        meter.CreateObservableGauge("zoetrope.database.size", Database, "By", "Bytes of the database.");
    }

    private void MeasureCluster(Meter meter)
    {
        meter.CreateObservableGauge("zoetrope.nodes.serving", () => Nodes(nodes => nodes.Serving), "{node}", "Nodes that serve.");
        meter.CreateObservableGauge(
            "zoetrope.nodes.silent", () => Nodes(nodes => nodes.Silent), "{node}", "Nodes that were not stopped and give no sign of life.");
        meter.CreateObservableGauge(
            "zoetrope.nodes.differing",
            () => Nodes(nodes => nodes.Differing),
            "{thing}",
            "Of build, catalogue and settings: how many are not the same on all nodes.");
        meter.CreateObservableCounter(
            "zoetrope.database.deadlocks", () => Nodes(nodes => nodes.Deadlocks), "{deadlock}", "Deadlocks that PostgreSQL has broken.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failing = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                _sample = await TakeAsync();
                failing = false;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                _sample = null;
                if (!failing)
                {
                    failing = true;
                    LogFailed(exception);
                }
            }

            await Task.Delay(Every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // On PostgreSQL in one transaction: each statement would be one of its own.
    private Task<GaugeSample> TakeAsync() => database.Dialect is SqlDialect.Postgres
        ? database.InTransactionAsync(tx => GaugeSample.TakeAsync(tx, providers, time.GetUtcNow()))
        : database.ReadAsync(async session => await GaugeSample.TakeAsync(session, providers, time.GetUtcNow())).AsTask();

    private IEnumerable<Measurement<double>> Queues(Func<QueueSample, double> value) =>
        from queue in _sample?.Queues ?? []
        select new Measurement<double>(value(queue), Tag("provider", queue.Provider), Tag("mode", queue.Mode.Word()));

    private IEnumerable<Measurement<long>> Providers(Func<string, ProviderGate, long> value) =>
        from name in providers.Names
        let mode = providers.Get(name).Profile.BuiltIn ? KeyMode.Test : KeyMode.Live
        select new Measurement<long>(value(name, providers.Gate(name)), Tag("provider", name), Tag("mode", mode.Word()));

    private IEnumerable<Measurement<double>> Backlog(Func<BacklogSample, double> value) =>
        from backlog in _sample?.Backlog ?? []
        select new Measurement<double>(value(backlog), Tag("mode", backlog.Mode.Word()));

    private IEnumerable<Measurement<long>> Suspense(Func<SuspenseSample, long> value) =>
        from row in _sample?.Suspense ?? []
        select new Measurement<long>(value(row), Tag("mode", row.Mode.Word()));

    private IEnumerable<Measurement<double>> Overdue() => _sample is not { } sample ? [] :
        from provider in providers.Names
        let due = sample.Due.FirstOrDefault(row => row.Provider == provider)
        select new Measurement<double>(Age(due?.Due), Tag("provider", provider));

    private IEnumerable<Measurement<long>> Nodes(Func<NodesSample, long> value) =>
        _sample is { } sample ? [new Measurement<long>(value(sample.Nodes))] : [];

    private IEnumerable<Measurement<long>> Cases() => _sample is { } sample ? [new Measurement<long>(sample.Cases)] : [];

    private IEnumerable<Measurement<long>> Database() => _sample is { } sample ? [new Measurement<long>(sample.DatabaseBytes)] : [];

    private DriveInfo Disk() => new(Path.GetFullPath(artifacts.DataDirectory));

    private double Age(DateTimeOffset? since) => since is { } at ? Math.Max(0, (time.GetUtcNow() - at).TotalSeconds) : 0;

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    [LoggerMessage(LogLevel.Warning, "The database could not be asked for metrics; they are left out until it answers")]
    private partial void LogFailed(Exception exception);
}
