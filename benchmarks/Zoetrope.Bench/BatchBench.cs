using System.Diagnostics;

namespace Zoetrope.Bench;

/// <summary>
/// What a batch of 1,000 costs its sender, and everybody else: single submits run all the time, in rounds without and with
/// batches arriving, so that what the machine does besides meets both.
/// </summary>
internal static class BatchBench
{
    private const int Items = 1_000;

    /// <summary>A batch delays the others by one transaction of its own, not more.</summary>
    private const double P99Bar = 100;

    /// <summary>Between two batches: one a second is more than a customer of a gateway like this sends.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static async Task<bool> RunAsync(BenchSettings settings)
    {
        var met = await MeasureAsync("SQLite", settings, postgres: "");
        if (Environment.GetEnvironmentVariable("ZOETROPE_BENCH_POSTGRES") is { Length: > 0 } postgres)
        {
            await MeasureAsync("PostgreSQL", settings, postgres);
        }

        return met;
    }

    private static async Task<bool> MeasureAsync(string database, BenchSettings settings, string postgres)
    {
        await using var server = await ZoetropeUnderLoad.StartAsync(jobs: 0, postgres);
        var posts = new[] { server.PostRequest("A red fox runs through snow at sunset") };
        var load = new LoadGenerator(server.Address, settings.Connections);
        var alone = new List<double>();
        for (var i = 0; i < 10; i++)
        {
            var watch = Stopwatch.StartNew();
            await server.SubmitBatchAsync(Items);
            alone.Add(watch.Elapsed.TotalMilliseconds);
        }

        await load.RunAsync(posts, TimeSpan.FromSeconds(3));
        var (without, with, under) = (new Latencies(), new Latencies(), new List<double>());
        var (perSecondWithout, perSecondWith) = (new List<double>(), new List<double>());
        for (var round = 0; round < settings.Rounds; round++)
        {
            var quiet = await load.RunAsync(posts, TimeSpan.FromSeconds(settings.Seconds));
            using var stop = new CancellationTokenSource();
            var batches = SendAsync(server, under, stop.Token);
            var busy = await load.RunAsync(posts, TimeSpan.FromSeconds(settings.Seconds));
            await stop.CancelAsync();
            await batches;
            without.Add(quiet.Latencies);
            with.Add(busy.Latencies);
            perSecondWithout.Add(quiet.PerSecond);
            perSecondWith.Add(busy.PerSecond);
        }

        var clean = await server.LedgerIsCleanAsync();
        Console.WriteLine($"POST /batches of {Items}, {database}: median {SubmitBench.Median(alone.Skip(2)):0} ms alone, {SubmitBench.Median(under):0} ms (slowest {under.Max():0}) under the load of single submits");
        Console.WriteLine($"  single submits at {settings.Connections} connections: p50 {without.Milliseconds(0.5):0.0} ms, p99 {without.Milliseconds(0.99):0.0} ms, {SubmitBench.Median(perSecondWithout):0}/s without batches");
        Console.WriteLine($"  while a batch a second arrives ({under.Count}): p50 {with.Milliseconds(0.5):0.0} ms, p99 {with.Milliseconds(0.99):0.0} ms (bar {P99Bar}), {SubmitBench.Median(perSecondWith):0}/s; ledger {(clean ? "clean" : "BROKEN")}");
        return with.Milliseconds(0.99) <= P99Bar && clean;
    }

    private static async Task SendAsync(ZoetropeUnderLoad server, List<double> took, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Pause);
        do
        {
            var watch = Stopwatch.StartNew();
            await server.SubmitBatchAsync(Items);
            took.Add(watch.Elapsed.TotalMilliseconds);
        }
        while (!stop.IsCancellationRequested && await TickAsync(timer, stop));
    }

    private static async Task<bool> TickAsync(PeriodicTimer timer, CancellationToken stop)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
