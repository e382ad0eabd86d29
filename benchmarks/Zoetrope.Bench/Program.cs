namespace Zoetrope.Bench;

/// <summary>The measurements that <c>docs/benchmarks.md</c> quotes. Each prints its figures, its bar, and fails when the bar is missed.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        if (args is [BaselineServer.Command, var url, var answer])
        {
            await BaselineServer.RunAsync(url, answer);
            return 0;
        }

        if (args is [BareStreams.Command, var address])
        {
            await BareStreams.RunAsync(address);
            return 0;
        }

        if (args is [InstantVendor.Command, var vendor, var clip])
        {
            await InstantVendor.RunAsync(vendor, clip);
            return 0;
        }

        var settings = BenchSettings.Parse(args);
        var benches = new Dictionary<string, Func<BenchSettings, Task<bool>>>
        {
            ["submit"] = SubmitBench.RunAsync,
            ["batch"] = BatchBench.RunAsync,
            ["inflight"] = InFlightBench.RunAsync,
            ["start"] = StartBench.RunAsync,
            ["render"] = RenderBench.RunAsync,
            ["providers"] = ProvidersBench.RunAsync,
            ["results"] = ResultsBench.RunAsync,
            ["generations"] = GenerationsBench.RunAsync,
            ["listeners"] = ListenersBench.RunAsync,
            ["cluster"] = ClusterBench.RunAsync,
        };
        if (settings.Name is { } name && !benches.ContainsKey(name))
        {
            Console.Error.WriteLine($"There is no benchmark {name}. There are: {string.Join(", ", benches.Keys)}.");
            return 2;
        }

        Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}, {settings.Rounds} rounds of {settings.Seconds} s, {settings.Connections} connections");
        var met = true;
        foreach (var (_, run) in benches.Where(bench => settings.Name is null || settings.Name == bench.Key))
        {
            met &= await run(settings);
        }

        return met ? 0 : 1;
    }
}

internal sealed record BenchSettings(string? Name, int Seconds, int Rounds, int Connections, int Tasks)
{
    public static BenchSettings Parse(string[] args) => new(
        args is [var name, ..] && !name.StartsWith("--", StringComparison.Ordinal) ? name : null,
        Number(args, "--seconds", 6),
        Number(args, "--rounds", 5),
        Number(args, "--connections", 128),
        Number(args, "--tasks", 100_000));

    private static int Number(string[] args, string option, int otherwise)
    {
        var at = Array.IndexOf(args, option);
        return at >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1], System.Globalization.CultureInfo.InvariantCulture) : otherwise;
    }
}
