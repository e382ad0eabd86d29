using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Zoetrope.Bench;

/// <summary>
/// One, two and three nodes on the same database and the same cores: submits, what an idle cluster costs, and the memory of
/// tasks that wait. More nodes must not mean fewer submits.
/// </summary>
internal static class ClusterBench
{
    private const int Nodes = 3;
    private const int Accounts = 20;
    private const double FallBar = 0.9;
    private const double PgbenchBar = 0.5;
    private const double IdleCoreBar = 0.01;
    private const double IdleTransactionsBar = 10;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);

    public static async Task<bool> RunAsync(BenchSettings settings)
    {
        if (Environment.GetEnvironmentVariable("ZOETROPE_BENCH_POSTGRES") is not { Length: > 0 } postgres)
        {
            Console.WriteLine("cluster: not run. Set ZOETROPE_BENCH_POSTGRES to a connection string whose user may create databases.");
            return true;
        }

        var met = await SubmitsAsync(settings, postgres);
        met &= await IdleAsync(postgres);
        return met & await MemoryAsync(settings, postgres);
    }

    /// <summary>The same number of connections, first to one node, then over two, then over three; then pgbench alone with a submit's statements.</summary>
    private static async Task<bool> SubmitsAsync(BenchSettings settings, string postgres)
    {
        await using var database = await BenchDatabase.CreateAsync(postgres);
        await using var cluster = new BenchCluster(database, jobs: 0);
        var keys = new List<string>();
        var perSecond = new List<double>();
        var refused = 0L;
        for (var nodes = 1; nodes <= Nodes; nodes++)
        {
            await cluster.JoinAsync();
            while (keys.Count < Accounts)
            {
                keys.Add((await cluster.Nodes[0].CreateAccountAsync()).Test);
            }

            await LoadAsync(cluster, keys, settings, TimeSpan.FromSeconds(Math.Min(3, settings.Seconds)));
            var rounds = new List<double>();
            var latencies = new Latencies();
            for (var round = 0; round < settings.Rounds; round++)
            {
                var results = await LoadAsync(cluster, keys, settings, TimeSpan.FromSeconds(settings.Seconds));
                rounds.Add(results.Sum(result => result.PerSecond));
                refused += results.Sum(result => result.Refused);
                foreach (var result in results)
                {
                    latencies.Add(result.Latencies);
                }
            }

            perSecond.Add(SubmitBench.Median(rounds));
            Console.WriteLine($"POST /generate, {nodes} node{(nodes > 1 ? "s" : "")}, {Accounts} accounts, {settings.Connections} connections: {perSecond[^1]:0}/s ({perSecond[^1] / perSecond[0]:0.00} of one node, bar {FallBar:0.00}), p50 {latencies.Milliseconds(0.5):0.0} ms, p95 {latencies.Milliseconds(0.95):0.0} ms, p99 {latencies.Milliseconds(0.99):0.0} ms");
        }

        var deadlocks = await database.AskAsync<long>("select deadlocks from pg_stat_database where datname = current_database()");
        var clean = await cluster.Nodes[0].LedgerIsCleanAsync();
        await cluster.DisposeAsync();
        var pgbench = await Pgbench.SubmitsPerSecondAsync(database, settings);
        Console.WriteLine($"  {deadlocks} deadlocks, {refused} refused, ledger {(clean ? "clean" : "BROKEN")}; pgbench with a submit's statements: {pgbench:0}/s, so three nodes do {perSecond[^1] / pgbench:0.00} of it (bar {PgbenchBar:0.00})");
        return perSecond.All(rate => rate >= FallBar * perSecond[0]) && deadlocks == 0 && refused == 0 && clean && perSecond[^1] >= PgbenchBar * pgbench;
    }

    private static Task<LoadResult[]> LoadAsync(BenchCluster cluster, List<string> keys, BenchSettings settings, TimeSpan duration) =>
        Task.WhenAll(cluster.Nodes.Select(node => new LoadGenerator(node.Address, settings.Connections / cluster.Nodes.Count)
            .RunAsync([.. keys.Select(key => node.PostRequest("A red fox runs through snow at sunset", key))], duration)));

    /// <summary>Nobody asks anything: processor time of a node, and transactions of all for the database, with ten providers.</summary>
    private static async Task<bool> IdleAsync(string postgres)
    {
        await using var database = await BenchDatabase.CreateAsync(postgres);
        await using var cluster = new BenchCluster(database, jobs: 8, BenchCluster.TenProviders());
        for (var i = 0; i < Nodes; i++)
        {
            await cluster.JoinAsync();
        }

        using var clock = new PeriodicTimer(Idle);
        await clock.WaitForNextTickAsync();
        var before = cluster.Nodes.Select(node => node.Child.ProcessorTime).ToList();
        var transactions = await database.TransactionsAsync();
        var started = Stopwatch.GetTimestamp();
        await clock.WaitForNextTickAsync();
        var elapsed = Stopwatch.GetElapsedTime(started);
        var perNode = (await database.TransactionsAsync() - transactions) / elapsed.TotalSeconds / Nodes;
        var cores = cluster.Nodes.Select((node, i) => (node.Child.ProcessorTime - before[i]) / elapsed).ToList();
        Console.WriteLine($"idle, three nodes, ten providers, {elapsed.TotalSeconds:0} s: {string.Join(", ", cores.Select(core => core.ToString("0.0 %", CultureInfo.InvariantCulture)))} of a core (bar {IdleCoreBar:0 %}), {perNode:0.0} transactions/s per node (bar {IdleTransactionsBar:0})");
        return cores.All(core => core <= IdleCoreBar) && perNode <= IdleTransactionsBar;
    }

    /// <summary>Tasks that wait in the queue cost a node nothing: they are rows.</summary>
    private static async Task<bool> MemoryAsync(BenchSettings settings, string postgres)
    {
        await using var database = await BenchDatabase.CreateAsync(postgres);
        await using var cluster = new BenchCluster(database, jobs: 0);
        for (var i = 0; i < Nodes; i++)
        {
            await cluster.JoinAsync();
        }

        var before = cluster.Nodes.Select(node => node.Child.ResidentBytes / 1e6).ToList();
        await Task.WhenAll(cluster.Nodes.Select(node => new LoadGenerator(node.Address, settings.Connections / Nodes)
            .RunAsync([node.PostRequest("A lighthouse")], TimeSpan.FromMinutes(5), limit: settings.Tasks / Nodes)));
        using var clock = new PeriodicTimer(Idle);
        await clock.WaitForNextTickAsync();
        var tasks = await database.AskAsync<long>("select count(*) from generations where status = 'queued'");
        Console.WriteLine($"{tasks} tasks wait: {string.Join(", ", cluster.Nodes.Select((node, i) => $"{node.Child.ResidentBytes / 1e6:0} MB ({before[i]:0} before)"))} resident per node");
        return tasks == settings.Tasks / Nodes * Nodes;
    }
}

/// <summary>Nodes of one cluster, each with a data directory of its own, that share a master key.</summary>
internal sealed class BenchCluster(BenchDatabase database, int jobs, IReadOnlyDictionary<string, string?>? settings = null) : IAsyncDisposable
{
    private static readonly string[] Vendors = ["ark", "bfl", "fal", "gemini", "kling", "minimax", "openai", "replicate", "vicsee"];
    private readonly string _masterKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    public List<ZoetropeUnderLoad> Nodes { get; } = [];

    /// <summary>Nine vendors that nobody asks anything, beside the sandbox.</summary>
    public static Dictionary<string, string?> TenProviders() =>
        Vendors.ToDictionary(vendor => $"Providers:{vendor}:ApiKey", string? (vendor) => $"{vendor}-key:of-a-benchmark", StringComparer.Ordinal);

    public async Task JoinAsync() => Nodes.Add(await ZoetropeUnderLoad.StartAsync(
        jobs, database.ConnectionString, new Dictionary<string, string?>(settings ?? new Dictionary<string, string?>()) { ["Secrets:MasterKey"] = _masterKey }, Nodes.FirstOrDefault()));

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        Nodes.Clear();
    }
}
