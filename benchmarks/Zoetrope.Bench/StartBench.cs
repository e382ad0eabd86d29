namespace Zoetrope.Bench;

/// <summary>From the command to <c>ready</c>: the first start, which makes the database, and later ones.</summary>
internal static class StartBench
{
    private const double BarSeconds = 2;

    public static async Task<bool> RunAsync(BenchSettings settings)
    {
        var first = new List<double>();
        var later = new List<double>();
        for (var round = 0; round < settings.Rounds; round++)
        {
            var directory = Directory.CreateTempSubdirectory("zoetrope-bench-");
            try
            {
                first.Add(await StartAsync(directory.FullName));
                later.Add(await StartAsync(directory.FullName));
            }
            finally
            {
                directory.Delete(recursive: true);
            }
        }

        Console.WriteLine($"start to ready: {SubmitBench.Median(first):0.00} s the first time, {SubmitBench.Median(later):0.00} s later (bar {BarSeconds} s)");
        return SubmitBench.Median(first) <= BarSeconds && SubmitBench.Median(later) <= BarSeconds;
    }

    private static async Task<double> StartAsync(string directory)
    {
        await using var server = await ServerChild.StartAsync("Zoetrope.Server.dll", [], new Dictionary<string, string?>
        {
            ["ZOETROPE_URLS"] = $"http://127.0.0.1:{BaselineServer.FreePort()}",
            ["ZOETROPE_DATA"] = directory,
        });
        return server.StartedIn.TotalSeconds;
    }
}
