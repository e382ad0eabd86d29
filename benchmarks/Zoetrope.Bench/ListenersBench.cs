using System.Diagnostics;

namespace Zoetrope.Bench;

/// <summary>
/// Two thousand listeners of one node: its memory, and how long an event takes from the call that causes it to each of
/// them, next to a bare endpoint that does nothing but write.
/// </summary>
internal static class ListenersBench
{
    private const int Listeners = 2_000;
    private const int WarmUp = 4;
    private const int Events = 40 + WarmUp;
    private const double BarMegabytes = 300;
    private const double BarMilliseconds = 250;
    private const string Created = "task.created";
    private const string Cancelled = "task.cancelled";

    private static readonly Dictionary<string, string?> Streams = new() { ["Streams:MaxPerKey"] = "5000" };
    private static readonly TimeSpan BetweenEvents = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BetweenCancels = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<bool> RunAsync(BenchSettings settings)
    {
        var met = await OneNodeAsync("SQLite", "");
        if (Environment.GetEnvironmentVariable("ZOETROPE_BENCH_POSTGRES") is { Length: > 0 } postgres)
        {
            met &= await OneNodeAsync("PostgreSQL", postgres);
            met &= await OtherNodeAsync(postgres);
        }

        return met;
    }

    private static async Task<bool> OneNodeAsync(string database, string postgres)
    {
        string frame;
        await using (var server = await ZoetropeUnderLoad.StartAsync(jobs: 0, postgres, Streams))
        {
            var idle = server.Child.ResidentBytes / 1e6;
            frame = (await server.ReadTaskAsync((await server.SubmitOneAsync("Event 0")).TaskId))[8..^1];
            var one = await FanOutAsync($"{Listeners} listeners of one account, {database}", server.Address, server.Key, i => server.SubmitOneAsync($"Event {i}"));
            var crowded = server.Child.ResidentBytes / 1e6;
            var own = await OwnTasksAsync($"{Listeners} listeners of a task each, {database}", server);
            var most = Math.Max(crowded, server.Child.ResidentBytes / 1e6);
            Console.WriteLine($"  {most:0} MB resident with {Listeners} listeners (bar {BarMegabytes:0} MB), {crowded:0} MB behind the first, {idle:0} MB before");
            await BareAsync(frame);
            return one && own && most <= BarMegabytes;
        }
    }

    /// <summary>Who listens on one node hears of what another node does.</summary>
    private static async Task<bool> OtherNodeAsync(string postgres)
    {
        await using var acting = await ZoetropeUnderLoad.StartAsync(jobs: 0, postgres, Streams);
        await using var listening = await ZoetropeUnderLoad.StartAsync(jobs: 0, postgres, Streams);
        return await FanOutAsync($"{Listeners} listeners of one account on another node, PostgreSQL", listening.Address, acting.Key, i => acting.SubmitOneAsync($"Event {i}"));
    }

    private static async Task BareAsync(string task)
    {
        var (child, address) = await BareStreams.StartAsync();
        await using var _ = child;
        using var http = new HttpClient { BaseAddress = address };
        await FanOutAsync($"{Listeners} listeners of a bare endpoint", address, "none", async i =>
        {
            using var answer = await http.PostAsync("/publish", new StringContent($"id: {i}\nevent: {Created}\ndata: {task.Replace("Event 0", $"Event {i}", StringComparison.Ordinal)}\n\n"));
        });
        Console.WriteLine($"  {child.ResidentBytes / 1e6:0} MB resident");
    }

    private static async Task<bool> FanOutAsync(string name, Uri address, string key, Func<int, Task> cause)
    {
        var sentAt = new long[Events];
        var listeners = await OpenAsync(Listeners, _ => StreamListener.OpenAsync(address, "/api/v1/events", key, Created, sentAt, WarmUp));
        var listening = Task.WhenAll(listeners.Select(listener => Task.Run(() => listener.ListenAsync(Events))));
        using var clock = new PeriodicTimer(BetweenEvents);
        for (var i = 0; i < Events; i++)
        {
            Volatile.Write(ref sentAt[i], Stopwatch.GetTimestamp());
            await cause(i);
            await clock.WaitForNextTickAsync();
        }

        return await ReportAsync(name, listeners, listening, Events);
    }

    private static async Task<bool> OwnTasksAsync(string name, ZoetropeUnderLoad server)
    {
        var sentAt = new long[Listeners];
        var ids = new List<string>();
        for (var i = 0; i < Listeners; i++)
        {
            ids.Add((await server.SubmitOneAsync($"Event {i}")).TaskId);
        }

        var listeners = await OpenAsync(Listeners, i => StreamListener.OpenAsync(server.Address, $"/api/v1/tasks/{ids[i]}/events", server.Key, Cancelled, sentAt));
        var listening = Task.WhenAll(listeners.Select(listener => Task.Run(() => listener.ListenAsync(1))));
        using var clock = new PeriodicTimer(BetweenCancels);
        for (var i = 0; i < Listeners; i++)
        {
            Volatile.Write(ref sentAt[i], Stopwatch.GetTimestamp());
            await server.CancelAsync(ids[i]);
            await clock.WaitForNextTickAsync();
        }

        return await ReportAsync(name, listeners, listening, 1);
    }

    private static async Task<StreamListener[]> OpenAsync(int count, Func<int, Task<StreamListener>> open)
    {
        var listeners = new StreamListener[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (i, _) => listeners[i] = await open(i));
        return listeners;
    }

    private static async Task<bool> ReportAsync(string name, StreamListener[] listeners, Task listening, int events)
    {
        await Task.WhenAny(listening, Task.Delay(Patience));
        var latencies = new Latencies();
        foreach (var listener in listeners)
        {
            latencies.Add(listener.Latencies);
        }

        var missing = listeners.Sum(listener => events - listener.Seen);
        var disorder = listeners.Sum(listener => listener.OutOfOrder);
        Console.WriteLine($"{name}: {latencies.Count} deliveries, {missing} missing, {disorder} out of order; p50 {latencies.Milliseconds(0.5):0.0} ms, p95 {latencies.Milliseconds(0.95):0.0} ms (bar {BarMilliseconds:0} ms), p99 {latencies.Milliseconds(0.99):0.0} ms");
        foreach (var listener in listeners)
        {
            listener.Dispose();
        }

        await listening;
        return missing == 0 && disorder == 0 && latencies.Milliseconds(0.95) <= BarMilliseconds;
    }
}
