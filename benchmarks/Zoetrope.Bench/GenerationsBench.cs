using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace Zoetrope.Bench;

/// <summary>
/// A request in, a finished result out, from a vendor that answers at once: how many a second, how long one takes, and what it costs of
/// the processor; beside the vendor alone and a gateway that stores nothing.
/// </summary>
internal static class GenerationsBench
{
    // Small pictures, against Portkey's; then for one client, and of the processor.
    private const double BarRatio = 0.5;
    private const double BarMilliseconds = 15;
    private const double BarProcessor = 3;
    private const double BarVideos = 20;

    // Models whose route says nothing but its path: what the vendor answers is all that matters.
    private const string Catalog =
        """
        {
          "fragments": {
            "instant": {
              "$use": "image-run", "vendor": "Bench", "mode": "text-to-image", "description": "Answers at once.",
              "prompt": {"required": true, "maxLength": 1000}, "parameters": {}, "price": {"type": "flat", "credits": 3},
              "priceSource": "zoetrope", "derivation": "A benchmark.",
              "output": {"kind": "image", "format": "png", "size": 256, "aspect": "1:1"}
            }
          },
          "models": [
            {"$use": "instant", "id": "small", "name": "Small", "family": "small", "routes": [{"provider": "openai", "model": "small"}]},
            {"$use": "instant", "id": "large", "name": "Large", "family": "large",
              "routes": [{"provider": "openai", "model": "large", "extra": {"path": "large/images/generations"}}]},
            {"$use": "instant", "id": "linked", "name": "Linked", "family": "linked",
              "routes": [{"provider": "openai", "model": "linked", "extra": {"path": "linked/images/generations"}}]},
            {"$use": ["instant", "video-run"], "id": "clip", "name": "Clip", "family": "clip", "mode": "text-to-video",
              "output": {"kind": "video", "format": "mp4", "fps": 24, "seconds": 5, "size": 720, "aspect": "16:9"},
              "routes": [{"provider": "openai", "model": "clip", "extra": {"path": "videos"}}]}
          ]
        }
        """;

    private static readonly (string Name, string Vendor, string Model, bool Waits, int[] Clients)[] Cases =
    [
        ("small picture in the answer", "/v1/images/generations", "small", false, [1, 32, 256]),
        ("picture by URL", "/v1/linked/images/generations", "linked", false, [1, 32, 256]),
        ("5 MB picture in the answer", "/v1/large/images/generations", "large", false, [16]),
        ("small picture, VicSee's door, ?wait", "/v1/images/generations", "small", true, [1, 32, 256]),
        ("5 s clip by URL, VicSee's door, ?wait", "/v1/videos", "clip", true, [1, 32, 256]),
    ];

    public static async Task<bool> RunAsync(BenchSettings settings)
    {
        var directory = Directory.CreateTempSubdirectory("zoetrope-bench-generations-");
        try
        {
            var clip = await ClipAsync(directory.FullName);
            var catalog = Path.Combine(directory.FullName, "catalog.json");
            await File.WriteAllTextAsync(catalog, Catalog);
            var (vendor, address) = await InstantVendor.StartAsync(clip);
            await using var ended = vendor;
            await using var portkey = await Portkey.StartAsync();
            Console.WriteLine(portkey is null ? "Portkey's gateway could not be installed or started; there is no peer." : "The peer is Portkey's gateway.");
            await using var server = await ZoetropeUnderLoad.StartAsync(jobs: 0, settings: new Dictionary<string, string?>
            {
                ["Egress:AllowedPrivateHosts"] = "127.0.0.1",
                ["Catalog:File"] = catalog,
                ["Providers:openai:BaseUrl"] = new Uri(address, "/v1/").ToString(),
                ["Providers:openai:ApiKey"] = "sk-benchmark",
                ["Providers:openai:Concurrency"] = "400",
                ["Artifacts:OutputFetchConcurrency"] = "64",
            });
            return await MeasureAsync(settings, address, portkey, server);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<bool> MeasureAsync(BenchSettings settings, Uri vendor, Portkey? portkey, ZoetropeUnderLoad server)
    {
        // All three have run warm before anything counts.
        foreach (var (_, path, model, waits, _) in Cases)
        {
            await AskAsync(2, 32, path, model, waits);
        }

        var met = true;
        foreach (var (name, path, model, waits, clients) in Cases)
        {
            foreach (var count in clients)
            {
                var (alone, peer, ours, processor) = await AskAsync(settings.Seconds, count, path, model, waits);
                Console.WriteLine(
                    $"{name}, {count} clients: {ours.PerSecond:0.0}/s, p50 {ours.Median:0.0} ms, p99 {ours.Worst:0.0} ms, {processor:0.0} ms of the processor each, "
                    + $"{server.Child.ResidentBytes / 1e6:0} MB; vendor alone {alone.PerSecond:0}/s"
                    + (peer is null ? "" : $"; Portkey {peer.PerSecond:0.0}/s, p50 {peer.Median:0.0} ms: {ours.PerSecond / peer.PerSecond:0.00}")
                    + (ours.Failed > 0 ? $"; {ours.Failed} FAILED: {ours.Why}" : ""));
                met &= ours.Failed == 0 && (model, waits, count) switch
                {
                    ("small", false, 1) => ours.Median <= BarMilliseconds,
                    ("small", false, 32) => processor <= BarProcessor && (peer is null || ours.PerSecond >= BarRatio * peer.PerSecond),
                    ("clip", _, 32) => ours.PerSecond >= BarVideos,
                    _ => true,
                };
            }
        }

        Console.WriteLine($"bars: {BarRatio} of Portkey's small pictures at 32 clients, p50 {BarMilliseconds} ms at one, {BarProcessor} ms of the processor; {BarVideos} clips a second");
        return met && await server.LedgerIsCleanAsync();

        async Task<(ClientsResult Alone, ClientsResult? Peer, ClientsResult Ours, double Processor)> AskAsync(
            int seconds, int count, string path, string model, bool waits)
        {
            var alone = await Clients.RunAsync(count, seconds, http => Clients.PostAsync(http, new Uri(vendor, path), model, []));
            var host = new Uri(vendor, path.Replace("/images/generations", "", StringComparison.Ordinal)).ToString();
            var peer = portkey is null || waits ? null
                : await Clients.RunAsync(count, seconds, http => Clients.PostAsync(
                    http,
                    new Uri(portkey.Address, "/v1/images/generations"),
                    model,
                    [("x-portkey-provider", "openai"), ("x-portkey-custom-host", host)]));
            var before = ProcessTree.ProcessorTime(server.Child.ProcessId);
            var ours = await Clients.RunAsync(count, seconds, waits ? http => WaitAsync(http, server, model)
                : http => Clients.PostAsync(http, new Uri(server.Address, "/v1/images/generations"), model, []), server.LiveKey);
            var processor = (ProcessTree.ProcessorTime(server.Child.ProcessId) - before).TotalMilliseconds / Math.Max(1, ours.All);
            return (alone, peer, ours, processor);
        }
    }

    private static async Task<string?> WaitAsync(HttpClient http, ZoetropeUnderLoad server, string model)
    {
        using var asked = await http.PostAsJsonAsync(new Uri(server.Address, "/api/v1/generate"), new { model, input = new { prompt = "A red fox" } });
        var text = await asked.Content.ReadAsStringAsync();
        if (!asked.IsSuccessStatusCode)
        {
            return text;
        }

        var id = JsonDocument.Parse(text).RootElement.GetProperty("data").GetProperty("id").GetString();
        while (true)
        {
            using var answer = await http.GetAsync(new Uri(server.Address, $"/api/v1/tasks/{id}?wait=30"));
            text = await answer.Content.ReadAsStringAsync();
            var status = answer.IsSuccessStatusCode
                ? JsonDocument.Parse(text).RootElement.GetProperty("data").GetProperty("status").GetString() : null;
            if (status is not ("pending" or "processing"))
            {
                return status == "completed" ? null : text;
            }
        }
    }

    private static async Task<string> ClipAsync(string directory)
    {
        var path = Path.Combine(directory, "clip.mp4");
        using var ffmpeg = Process.Start("ffmpeg",
            ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=24", "-f", "lavfi", "-i", "sine=frequency=440", "-t", "5",
                "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart", path]);
        await ffmpeg.WaitForExitAsync();
        return ffmpeg.ExitCode == 0 ? path : throw new InvalidOperationException("ffmpeg could not make the clip.");
    }
}
