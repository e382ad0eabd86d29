using System.Diagnostics;

namespace Zoetrope.Bench;

/// <summary>The memory of one node that drives many unfinished tasks at once.</summary>
internal static class InFlightBench
{
    private const double BarGigabytes = 1.5;

    /// <summary>
    /// Jobs at the provider at once; the other tasks wait in the queue. The sandbox makes each job durable with its own fsync,
    /// so more of them would measure the disk.
    /// </summary>
    private const int Jobs = 1_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task<bool> RunAsync(BenchSettings settings)
    {
        await using var server = await ZoetropeUnderLoad.StartAsync(jobs: Jobs);
        var before = server.Child.ResidentBytes;
        var load = await new LoadGenerator(server.Address, settings.Connections)
            .RunAsync([server.PostRequest("A lighthouse [[slow:600s]]")], Patience, limit: settings.Tasks);

        // Running means that the provider has the job and the gateway watches it.
        var started = Stopwatch.GetTimestamp();
        using var clock = new PeriodicTimer(TimeSpan.FromSeconds(1));
        long running;
        do
        {
            running = server.CountRows("status = 'running' and provider_task_id is not null");
        }
        while (running < Math.Min(Jobs, load.Succeeded) && Stopwatch.GetElapsedTime(started) < Patience && await clock.WaitForNextTickAsync());

        var unfinished = server.CountRows("status in ('queued', 'running')");
        var gigabytes = server.Child.ResidentBytes / 1e9;
        Console.WriteLine($"{unfinished} unfinished tasks, {running} of them running at their provider: {gigabytes:0.00} GB resident (bar {BarGigabytes} GB), {before / 1e9:0.00} GB before");
        return unfinished == settings.Tasks && load.Refused == 0 && gigabytes <= BarGigabytes;
    }
}
