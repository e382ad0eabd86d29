using System.Collections.Concurrent;
using System.Text.Json;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>Power cuts at moments nobody chose, under mixed work: whatever was acknowledged ends, once, and the books agree.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Clients = 4;
    private const int RequestsOfAClient = 2;
    private const long Credits = 1_000_000;

    // Prompt, and the end it must come to whatever happens to the server meanwhile.
    private static readonly (string Marker, string End)[] Kinds =
    [
        ("", "completed"),
        ("[[fail]]", "GENERATION_FAILED"),
        ("[[moderated]]", "CONTENT_REFUSED"),
        ("[[slow:2s]]", "completed"),
        ("[[lost-response]]", "completed"),
        ("[[lost-request]]", "completed"),
        ("[[unknown-outcome]]", "OUTCOME_UNKNOWN"),
        ("[[bad-media]]", "BAD_OUTPUT"),
        ("[[refused]]", "INPUT_REFUSED"),
    ];

    [Fact]
    public Task Kills_lose_nothing_and_buy_nothing_twice() => KillAsync(6);

    [Fact]
    [Trait("Category", "Nightly")]
    public Task Twenty_kills_lose_nothing_and_buy_nothing_twice() => KillAsync(20);

    private async Task KillAsync(int kills)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var server = await ServerProcess.StartAsync();
        var client = new PersistentClient(server.Api, await server.Api.CreateCustomerAsync(Credits));
        var ends = new ConcurrentDictionary<string, string>();

        for (var kill = 0; kill < kills; kill++)
        {
            // Every other time it dies among submits, otherwise when some task has just ended: in the middle of the others' work.
            var acknowledgements = random.Next(0, Clients * RequestsOfAClient);
            var endsToSee = random.Next(1, 4);
            var seedOfRound = random.Next();
            var among = new Countdown(kill % 2 == 0 ? acknowledgements : int.MaxValue);
            var work = Task.WhenAll(Enumerable.Range(0, Clients).Select(worker => WorkAsync(client, ends, $"{kill}-{worker}", new Random(seedOfRound + worker), among)));
            await Task.WhenAny(among.Reached, work);
            if (kill % 2 == 1)
            {
                await work;
                var open = ends.Keys.Where(client.Answers.ContainsKey).OrderByDescending(key => key, StringComparer.Ordinal).Take(endsToSee);
                foreach (var key in open)
                {
                    await client.TryWaitAsync(key);
                }
            }

            await server.KillAsync();
            Assert.Equal(ChildProcess.Killed, await server.ExitCodeAsync(Until.Patience));
            await work;
            server.Books.AssertNothingWasBoughtTwice();
            await server.StartAgainAsync();
        }

        await client.RepeatAllAsync();
        var tasks = await client.DrainAsync();

        output.WriteLine($"{tasks.Count} tasks");
        var end = client.Answers.ToDictionary(answer => TaskAnswers.IdOf(answer.Value), answer => ends[answer.Key]);
        Assert.All(tasks, task => Assert.True(end[task.GetProperty("id").GetString()!] == TaskAnswers.EndOf(task), $"seed {seed}: {task}"));
        Assert.Equal(Credits - tasks.Sum(task => task.GetProperty("creditsUsed").GetInt64()), await server.Api.CreditsAsync(client.Customer));
        await server.Api.AssertLedgerIsCleanAsync();
        server.Books.AssertNothingWasBoughtTwice();
    }

    private static async Task WorkAsync(PersistentClient client, ConcurrentDictionary<string, string> ends, string name, Random random, Countdown among)
    {
        for (var i = 0; i < RequestsOfAClient; i++)
        {
            var key = $"{name}-{i}";
            var (marker, end) = Kinds[random.Next(Kinds.Length)];
            ends[key] = end;
            object body = random.Next(20) == 0
                ? new { model = "seedance-2-0-mini-text-to-video", input = new { prompt = $"A red fox {key} {marker}", duration = 4, resolution = "480p" } }
                : new { model = "nano-banana-2-text-to-image", input = new { prompt = $"A red fox {key} {marker}", resolution = "0.5K" } };
            if (!await client.TryAsync(key, body))
            {
                return;
            }

            among.Count();
        }
    }

    private sealed class Countdown
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left;

        public Countdown(int from)
        {
            _left = from;
            if (from == 0)
            {
                _reached.SetResult();
            }
        }

        public Task Reached => _reached.Task;

        public void Count()
        {
            if (Interlocked.Decrement(ref _left) == 0)
            {
                _reached.TrySetResult();
            }
        }
    }
}
