namespace Zoetrope.Bench;

/// <summary>
/// POST /generate and GET /tasks/{id} against a bare endpoint with the same answers, in interleaved rounds on the same
/// cores, so that whatever else the machine does meets both.
/// </summary>
internal static class SubmitBench
{
    private const double PostBar = 0.20;
    private const double GetBar = 0.60;
    private const double P99Bar = 30;

    public static async Task<bool> RunAsync(BenchSettings settings)
    {
        var met = await CompareAsync("SQLite", settings, postgres: "");
        if (Environment.GetEnvironmentVariable("ZOETROPE_BENCH_POSTGRES") is { Length: > 0 } postgres)
        {
            await CompareAsync("PostgreSQL", settings, postgres);
        }

        return met;
    }

    private static async Task<bool> CompareAsync(string database, BenchSettings settings, string postgres)
    {
        await using var server = await ZoetropeUnderLoad.StartAsync(jobs: 0, postgres);
        var (taskId, answer) = await server.SubmitOneAsync("A red fox runs through snow at sunset");
        var (baseline, baselineAddress) = await BaselineServer.StartAsync(answer);
        await using var _ = baseline;
        var (reading, readingAddress) = await BaselineServer.StartAsync(await server.ReadTaskAsync(taskId));
        await using var __ = reading;

        var posts = new[] { server.PostRequest("A red fox runs through snow at sunset") };
        var ids = new List<string> { taskId };
        for (var i = 0; i < 200; i++)
        {
            ids.Add((await server.SubmitOneAsync($"Picture {i}")).TaskId);
        }

        var gets = ids.Select(server.GetRequest).ToList();
        var post = new Series(new LoadGenerator(baselineAddress, settings.Connections), new LoadGenerator(server.Address, settings.Connections), posts);
        var get = new Series(new LoadGenerator(readingAddress, settings.Connections), new LoadGenerator(server.Address, settings.Connections), gets);

        // The first round of each warms the just-in-time compiler and is not counted.
        await post.RoundAsync(TimeSpan.FromSeconds(Math.Min(3, settings.Seconds)), counted: false);
        await get.RoundAsync(TimeSpan.FromSeconds(Math.Min(3, settings.Seconds)), counted: false);
        for (var round = 0; round < settings.Rounds; round++)
        {
            await post.RoundAsync(TimeSpan.FromSeconds(settings.Seconds), counted: true);
            await get.RoundAsync(TimeSpan.FromSeconds(settings.Seconds), counted: true);
        }

        post.Print($"POST /generate, {database}", PostBar);
        get.Print($"GET /tasks/{{id}}, {database}", GetBar);
        Console.WriteLine($"  POST p50 {post.Latencies.Milliseconds(0.5):0.0} ms, p99 {post.Latencies.Milliseconds(0.99):0.0} ms (bar {P99Bar} ms) at {settings.Connections} connections");

        var acknowledged = post.Acknowledged + ids.Count;
        var rows = postgres.Length == 0 ? server.CountRows() : acknowledged;
        var clean = await server.LedgerIsCleanAsync();
        Console.WriteLine($"  {acknowledged} tasks acknowledged, {(postgres.Length == 0 ? $"{rows} rows" : "rows not counted")}, ledger {(clean ? "clean" : "BROKEN")}");
        return post.Ratio >= PostBar && get.Ratio >= GetBar && post.Latencies.Milliseconds(0.99) <= P99Bar
            && acknowledged == rows && clean && post.Refused + get.Refused == 0;
    }

    private sealed class Series(LoadGenerator baseline, LoadGenerator server, IReadOnlyList<byte[]> requests)
    {
        private readonly List<(double Bare, double Server)> _rounds = [];

        public Latencies Latencies { get; } = new();

        public long Acknowledged { get; private set; }

        public long Refused { get; private set; }

        public double Ratio => Median(_rounds.Select(round => round.Server / round.Bare));

        public async Task RoundAsync(TimeSpan duration, bool counted)
        {
            var bare = await baseline.RunAsync(requests, duration);
            var own = await server.RunAsync(requests, duration);
            Acknowledged += own.Succeeded;
            Refused += own.Refused + bare.Refused;
            if (counted)
            {
                _rounds.Add((bare.PerSecond, own.PerSecond));
                Latencies.Add(own.Latencies);
            }
        }

        public void Print(string name, double bar)
        {
            Console.WriteLine($"{name}: ratio {Ratio:0.00} (bar {bar:0.00}); {Median(_rounds.Select(round => round.Server)):0}/s against a bare endpoint's {Median(_rounds.Select(round => round.Bare)):0}/s");
            Console.WriteLine($"  rounds: {string.Join("  ", _rounds.Select(round => $"{round.Server:0}/{round.Bare:0}"))}{(Refused > 0 ? $"; {Refused} REFUSED" : "")}");
        }
    }

    internal static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }
}
