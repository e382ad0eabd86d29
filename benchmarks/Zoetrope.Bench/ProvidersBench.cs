using System.Diagnostics;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Ark;
using Zoetrope.Tests.Providers.Bfl;
using Zoetrope.Tests.Providers.Conformance;
using Zoetrope.Tests.Providers.Fal;
using Zoetrope.Tests.Providers.Gemini;
using Zoetrope.Tests.Providers.MiniMax;

namespace Zoetrope.Bench;

/// <summary>
/// A thousand tasks at five vendors, one of which takes questions and never answers: whether the other four are asked in time, and how
/// late the end of a job is seen.
/// </summary>
internal static class ProvidersBench
{
    private const int TasksPerVendor = 200;

    /// <summary>What the adapters ask for between two polls of a video.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    public static async Task<bool> RunAsync(BenchSettings settings)
    {
        (FakeVendor Vendor, string Model)[] vendors =
        [
            (new FakeMiniMax(), "minimax-h3-text-to-video"),
            (new FakeArk(), "seedance-2-0-text-to-video"),
            (new FakeBfl(), "flux-3-video-text-to-video"),
            (new FakeFal(), "kling-3-0-text-to-video"),
            (new FakeGemini(), "gemini-omni-text-to-video"),
        ];
        var configured = new Dictionary<string, string?> { ["Egress:AllowedPrivateHosts"] = "127.0.0.1" };
        foreach (var (vendor, _) in vendors)
        {
            await vendor.OpenAsync();
            foreach (var (name, value) in vendor.Settings)
            {
                configured[name] = value;
            }

            configured[$"Providers:{vendor.Provider}:BaseUrl"] = vendor.BaseUrl.ToString();
            configured[$"Providers:{vendor.Provider}:ApiKey"] = vendor.Key;
            configured[$"Providers:{vendor.Provider}:Concurrency"] = "1000";
        }

        // Replicate comes behind fal for its model: take that route away.
        vendors[0].Vendor.Hangs = true;
        await using var server = await ZoetropeUnderLoad.StartAsync(jobs: 0, settings: configured);
        var ends = new Dictionary<string, long>();
        var random = new Random(7);
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < TasksPerVendor; i++)
        {
            foreach (var (vendor, model) in vendors)
            {
                var prompt = $"A red fox, {vendor.Provider} {i}";
                var end = Stopwatch.GetTimestamp() + (long)((30 + (random.NextDouble() * 60)) * Stopwatch.Frequency);
                ends[prompt] = end;
                vendor.Books.PlanFor(prompt, new JobPlan { Answer = () => Stopwatch.GetTimestamp() >= end ? PollAnswer.Succeeded : PollAnswer.Running });
                await server.SubmitLiveAsync(model, prompt);
            }
        }

        var submitted = Stopwatch.GetElapsedTime(started);
        using var clock = new PeriodicTimer(TimeSpan.FromSeconds(1));
        long done;
        do
        {
            done = server.CountRows("status = 'succeeded'");
        }
        while (done < 4 * TasksPerVendor && Stopwatch.GetElapsedTime(started) < Patience && await clock.WaitForNextTickAsync());

        var gaps = new List<double>();
        var lags = new List<double>();
        foreach (var (vendor, _) in vendors.Where(item => !item.Vendor.Hangs))
        {
            Measure(vendor, ends, gaps, lags);
        }

        gaps.Sort();
        lags.Sort();
        var late = gaps.Count(gap => gap > 2 * Interval.TotalSeconds) / (double)Math.Max(1, gaps.Count);
        var lag = lags.Count == 0 ? double.NaN : lags[(int)(lags.Count * 0.95)];
        var violations = vendors.Sum(item => item.Vendor.Violations.Count);
        var accepted = vendors.Sum(item => item.Vendor.Books.Accepted.Count);
        Console.WriteLine($"{5 * TasksPerVendor} tasks at five vendors, one hanging: submitted in {submitted.TotalSeconds:0.0} s, {done} of {4 * TasksPerVendor} done, {accepted} jobs bought");
        Console.WriteLine($"{gaps.Count} polls: {100 * (1 - late):0.00} % within twice their interval of {Interval.TotalSeconds:0} s (bar 99 %); the longest gap {gaps.LastOrDefault():0.0} s");
        Console.WriteLine($"end of a job seen after: p50 {(lags.Count == 0 ? double.NaN : lags[lags.Count / 2]):0.0} s, p95 {lag:0.0} s (bar {Interval.TotalSeconds + 1:0} s)");
        foreach (var (vendor, _) in vendors)
        {
            await vendor.DisposeAsync();
        }

        return done == 4 * TasksPerVendor && accepted == 5 * TasksPerVendor && violations == 0 && late <= 0.01 && lag <= Interval.TotalSeconds + 1;
    }

    private static void Measure(FakeVendor vendor, Dictionary<string, long> ends, List<double> gaps, List<double> lags)
    {
        var jobs = vendor.Jobs.ToDictionary(job => job.Id);
        var asked = new Dictionary<string, List<long>>();
        foreach (var request in vendor.Requests.Where(request => request.Method == "GET"))
        {
            if ($"{request.Path}{request.Query}".Split('/', '=', '?', '&').FirstOrDefault(jobs.ContainsKey) is { } id)
            {
                (asked.TryGetValue(id, out var times) ? times : asked[id] = []).Add(request.At);
            }
        }

        foreach (var (id, times) in asked)
        {
            var end = ends[jobs[id].Accepted.Prompt];
            gaps.AddRange(times.Zip(times.Skip(1), (first, next) => (next - first) / (double)Stopwatch.Frequency));
            if (times.FirstOrDefault(time => time >= end) is var seen and > 0)
            {
                lags.Add((seen - end) / (double)Stopwatch.Frequency);
            }
        }
    }
}
