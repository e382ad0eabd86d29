using System.Text.Json;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>Many submits at once at three nodes of one database, on a budget with room for one: never over by a credit.</summary>
public sealed class BudgetAcrossNodesTests
{
    private const int Parallel = 64;

    [Fact]
    [Trait("Category", "Nightly")]
    public async Task Two_hundred_rounds_over_three_nodes_never_pass_the_limit()
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

            for (var round = 0; round < 200; round++)
            {
                await RoundAsync(nodes, held: round % 7);
            }
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

    private static async Task RoundAsync(List<ServerProcess> nodes, int held)
    {
        var request = new { model = "nano-banana-text-to-image", prompt = "A red fox", user = "alice" };
        var api = nodes[0].Api;
        var customer = await api.CreateCustomerAsync();
        var price = (await api.SendAsync(HttpMethod.Post, "/api/v1/estimate", customer.Key, JsonSerializer.Serialize(request))).Expect(200).Data.GetProperty("credits").GetInt64();
        var path = $"/admin/v1/accounts/{customer.AccountId}/budgets?mode=test";
        var limit = (held + 2) * price - 1;
        (await api.OperateAsync(HttpMethod.Post, path, new { name = "All", scope = "user", subject = "alice", period = "total", limit })).Expect(200);
        for (var i = 0; i < held; i++)
        {
            (await nodes[i % 3].Api.GenerateAsync(customer, request)).Expect(200);
        }

        var replies = await Task.WhenAll(Enumerable.Range(0, Parallel).Select(i => nodes[i % 3].Api.GenerateAsync(customer, request)));

        Assert.Equal(1, replies.Count(reply => reply.Status == 200));
        Assert.All(replies.Where(reply => reply.Status != 200), reply => Assert.Equal("BUDGET_REACHED", reply.Code));
        var budget = (await api.OperateAsync(HttpMethod.Get, path)).Expect(200).Data.GetProperty("budgets")[0];
        Assert.Equal((held + 1) * price, budget.GetProperty("held").GetInt64());
        Assert.Equal(1_000_000 - ((held + 1) * price), await api.CreditsAsync(customer));
    }
}
