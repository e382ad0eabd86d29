using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>A test task is the cluster's: the node that drew it may die, and nothing is submitted again.</summary>
public sealed class SandboxClusterTests
{
    [Fact]
    public async Task A_test_task_of_a_killed_node_is_found_and_drawn_by_another()
    {
        await using var scene = await ClusterScene.StartAsync(8, "api,worker", "api,worker");
        await Until.HoldsAsync(async () => await scene.AskAsync<long>("select count(*) from nodes") == 2);
        var customer = await scene.Nodes[0].Api.CreateCustomerAsync();
        var ids = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => scene.GenerateAsync(i % 2, customer, $"[[slow:4s]] a cat {i}")));
        await Until.HoldsAsync(async () => await scene.AskAsync<long>("select count(*) from sandbox_jobs") == ids.Length);
        await scene.Nodes[0].KillAsync();
        foreach (var id in ids)
        {
            var task = await scene.Nodes[1].Api.WaitAsync(customer, id);
            Assert.True(task.GetProperty("status").GetString() == "completed", task.ToString());
        }

        Assert.Equal(ids.Length, await scene.AskAsync<long>("select count(*) from attempts"));
        await scene.Nodes[1].Api.AssertLedgerIsCleanAsync();
    }
}
