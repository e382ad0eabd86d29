using System.Diagnostics;
using System.Net.Http.Json;

namespace Zoetrope.Bench;

/// <summary>What some clients did in some seconds. Milliseconds are from a request to its whole answer.</summary>
internal sealed record ClientsResult(double PerSecond, double Median, double Worst, long All, long Failed, string? Why);

/// <summary>Clients that ask one after another, each on a connection of its own.</summary>
internal static class Clients
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    /// <param name="clients">How many.</param>
    /// <param name="seconds">How long, after a second that does not count.</param>
    /// <param name="ask">One request; answers with what went wrong, or null.</param>
    /// <param name="key">The credential of all requests.</param>
    public static async Task<ClientsResult> RunAsync(int clients, int seconds, Func<HttpClient, Task<string?>> ask, string key = "sk-benchmark")
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = clients }) { Timeout = TimeSpan.FromMinutes(2) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        var start = Stopwatch.GetTimestamp();
        var end = WarmUp + TimeSpan.FromSeconds(seconds);
        long all = 0, failed = 0;
        string? why = null;
        var results = await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(ClientAsync)));
        var latencies = new Latencies();
        foreach (var result in results)
        {
            latencies.Add(result);
        }

        return new ClientsResult(latencies.Count / (double)seconds, latencies.Milliseconds(0.5), latencies.Milliseconds(0.99), all, failed, why);

        async Task<Latencies> ClientAsync()
        {
            var own = new Latencies();
            while (Stopwatch.GetElapsedTime(start) < end)
            {
                var began = Stopwatch.GetTimestamp();
                var wrong = await ask(http);
                var now = Stopwatch.GetElapsedTime(start);
                Interlocked.Increment(ref all);
                if (wrong is not null)
                {
                    Interlocked.Increment(ref failed);
                    why ??= wrong;
                }
                else if (now > WarmUp && now <= end)
                {
                    own.Add((long)Stopwatch.GetElapsedTime(began).TotalMicroseconds);
                }
            }

            return own;
        }
    }

    /// <summary>A picture by OpenAI's words, read to its end.</summary>
    public static async Task<string?> PostAsync(HttpClient http, Uri address, string model, IEnumerable<(string Name, string Value)> headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = JsonContent.Create(new { model, prompt = "A red fox" }) };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (!answer.IsSuccessStatusCode)
        {
            return await answer.Content.ReadAsStringAsync();
        }

        await answer.Content.CopyToAsync(Stream.Null);
        return null;
    }
}
