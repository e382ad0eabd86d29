using System.Diagnostics;

namespace Zoetrope.Bench;

/// <summary>The memory of one node that drives many unfinished tasks at once.</summary>
internal static class InFlightBench
{
    private const double BarGigabytes = 1.5;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static async Task<bool> RunAsync(BenchSettings settings)
    {
        await using var server = await ZoetropeUnderLoad.StartAsync(jobs: settings.Tasks);
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
        while (running < load.Succeeded && Stopwatch.GetElapsedTime(started) < Patience && await clock.WaitForNextTickAsync());

        var gigabytes = server.Child.ResidentBytes / 1e9;
        Console.WriteLine($"{running} tasks in flight: {gigabytes:0.00} GB resident (bar {BarGigabytes} GB), {before / 1e9:0.00} GB before; all running {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s after the last submit");
        return running == settings.Tasks && load.Refused == 0 && gigabytes <= BarGigabytes;
    }
}
