using System.Text.Json;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>Three servers on one PostgreSQL: a key means one task wherever it is sent, and its answer outlives the node that gave it.</summary>
public sealed class IdempotencyAcrossNodesTests
{
    private const int Parallel = 100;

    [Fact]
    public Task A_hundred_at_once_over_three_nodes_make_one_task() => RunAsync(rounds: 8);

    [Fact]
    [Trait("Category", "Nightly")]
    public Task Five_hundred_rounds_over_three_nodes_make_five_hundred_tasks() => RunAsync(rounds: 500);

    private static async Task RunAsync(int rounds)
    {
        TestPostgres.SkipIfAbsent();
        var postgres = await TestPostgres.CreateAsync(migrated: true);
        var nodes = new List<ServerProcess>();
        try
        {
            for (var i = 0; i < 3; i++)
            {
                nodes.Add(await ServerProcess.StartAsync(new Dictionary<string, string?>
                {
                    ["Zoetrope__Database__ConnectionString"] = postgres,
                    ["Zoetrope__Providers__sandbox__Concurrency"] = "0",
                }));
            }

            await RunAsync(nodes, rounds);
        }
        finally
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync();
            }

            await TestPostgres.DropAsync(postgres);
        }
    }

    private static async Task RunAsync(List<ServerProcess> nodes, int rounds)
    {
        const long Credits = 100_000_000;
        var customer = await nodes[0].Api.CreateCustomerAsync(Credits);
        var answers = new List<string>();
        for (var round = 0; round < rounds; round++)
        {
            var replies = await Task.WhenAll(Enumerable.Range(0, Parallel).Select(i => nodes[i % nodes.Count].Api.GenerateAsync(customer, Request(round), $"round-{round}")));

            answers.Add(Assert.Single(replies.Select(reply => reply.Expect(200).Text).Distinct()));
            Assert.Equal(Parallel - 1, replies.Count(reply => reply.Headers.Contains("Idempotent-Replayed")));
        }

        // Whichever node gave the answer, the others give the same bytes when it is gone.
        await nodes[0].KillAsync();
        for (var round = 0; round < rounds; round++)
        {
            var replay = (await nodes[1 + (round % 2)].Api.GenerateAsync(customer, Request(round), $"round-{round}")).Expect(200);
            Assert.Equal(answers[round], replay.Text);
            Assert.Equal(["true"], replay.Headers.GetValues("Idempotent-Replayed"));
        }

        var made = answers.Select(answer => JsonDocument.Parse(answer).RootElement.GetProperty("data")).ToList();
        Assert.Equal(rounds, made.Select(task => task.GetProperty("id").GetString()).Distinct().Count());
        Assert.Equal(Credits - made.Sum(task => task.GetProperty("creditsUsed").GetInt64()), await nodes[1].Api.CreditsAsync(customer));
        await nodes[1].Api.AssertLedgerIsCleanAsync();
    }

    private static object Request(int round) => new { model = "nano-banana-text-to-image", input = new { prompt = $"A red fox {round}" } };
}
