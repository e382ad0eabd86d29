using System.Diagnostics;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Fal;

namespace Zoetrope.Bench;

/// <summary>A hundred results of a hundred megabytes stream from a vendor into the store: how far the server's memory rises.</summary>
internal static class ResultsBench
{
    private const int Results = 100;
    private const int Megabytes = 100;
    private const double BarMegabytes = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(9);

    public static async Task<bool> RunAsync(BenchSettings settings)
    {
        var vendor = new FakeFal();
        await vendor.OpenAsync();
        var configured = new Dictionary<string, string?>(vendor.Settings)
        {
            ["Egress:AllowedPrivateHosts"] = "127.0.0.1",
            ["Providers:fal:BaseUrl"] = vendor.BaseUrl.ToString(),
            ["Providers:fal:ApiKey"] = vendor.Key,
            ["Providers:fal:Concurrency"] = $"{Results}",
        };
        await using var server = await ZoetropeUnderLoad.StartAsync(jobs: 0, settings: configured);
        vendor.Books.Default = new JobPlan { Polls = [PollAnswer.Succeeded] };

        // As many small results first: what is measured is the files, not the code and the tasks around them.
        var idle = server.Child.ResidentBytes;
        await RunAsync(server, Results, Results);
        var before = server.Child.ResidentBytes;
        vendor.Padding = Megabytes * 1_000_000;
        var clock = Stopwatch.GetTimestamp();
        var peak = await RunAsync(server, Results, 2 * Results);
        var seconds = Stopwatch.GetElapsedTime(clock).TotalSeconds;
        var done = server.CountRows("status = 'succeeded'") - Results;
        var rise = (peak - before) / 1e6;
        Console.WriteLine($"{done} results of {Megabytes} MB in {seconds:0.0} s ({done * Megabytes / seconds:0} MB/s): resident set {idle / 1e6:0} MB idle, {before / 1e6:0} MB after {Results} small results, {peak / 1e6:0} MB at most during the large ones, rise {rise:0} MB (bar {BarMegabytes:0} MB)");
        await vendor.DisposeAsync();
        return done == Results && rise <= BarMegabytes;
    }

    private static async Task<long> RunAsync(ZoetropeUnderLoad server, int tasks, int wanted)
    {
        for (var i = 0; i < tasks; i++)
        {
            await server.SubmitLiveAsync("veo-3-1-lite-text-to-video", $"A red fox {i}");
        }

        var started = Stopwatch.GetTimestamp();
        var peak = 0L;
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        do
        {
            peak = Math.Max(peak, server.Child.ResidentBytes);
        }
        while (server.CountRows("status in ('succeeded', 'failed')") < wanted && Stopwatch.GetElapsedTime(started) < Patience && await clock.WaitForNextTickAsync());
        return peak;
    }
}
