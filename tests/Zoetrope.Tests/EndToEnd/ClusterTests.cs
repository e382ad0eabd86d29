using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>Several nodes on one database are one server: places, tasks and schedulers belong to all of them together.</summary>
public sealed class ClusterTests
{
    private const int Places = 8;

    [Fact]
    public async Task A_cap_holds_in_the_whole_cluster_and_the_tasks_of_a_killed_node_go_on_at_the_others()
    {
        await using var scene = await ClusterScene.StartAsync(Places);
        await Until.HoldsAsync(async () => await scene.AskAsync<long>("select count(*) from nodes") == 3);
        var customers = new List<Customer>();
        // More than there are places: the last place is kept for an account that runs nothing.
        for (var i = 0; i < 9; i++)
        {
            customers.Add(await scene.Nodes[i % 3].Api.CreateCustomerAsync(mode: "live"));
        }

        var ids = await Task.WhenAll(Enumerable.Range(0, 27).Select(i => scene.GenerateAsync(i % 3, customers[i % 9], $"task {i}")));
        await Until.HoldsAsync(async () => await scene.AskAsync<long>("select count(*) from generations where provider_task_id is not null") == Places);
        Assert.InRange(await scene.AskAsync<long>("select count(distinct owner) from generations where status = 'running'"), 2, 3);

        // What the dead node drove has another driver, which asks the vendor about it: only a poll writes the owner.
        var dead = $"%:{(await File.ReadAllTextAsync(Path.Combine(scene.Nodes[0].DataDirectory, "silo-port"))).Trim()}@%";
        await scene.Nodes[0].KillAsync();
        await Until.HoldsAsync(
            async () => await scene.AskAsync<long>($"select count(*) from generations where status = 'running' and (owner is null or owner like '{dead}')") == 0,
            limit: TimeSpan.FromSeconds(35));
        Assert.Equal(Places, scene.Vendor.Books.Accepted.Count);
        await Until.HoldsAsync(async () => await scene.AskAsync<long>("select count(distinct owner) from generations where status = 'running'") <= 2);

        scene.Finish();
        for (var i = 0; i < ids.Length; i++)
        {
            var task = await scene.Nodes[1 + (i % 2)].Api.WaitAsync(customers[i % 9], ids[i]);
            Assert.True(task.GetProperty("status").GetString() == "completed", task.ToString());
        }

        Assert.Equal(27, scene.Vendor.Books.Accepted.Select(job => job.Prompt).Distinct().Count());
        Assert.Equal(27, scene.Vendor.Books.Submits);
        await scene.Nodes[1].Api.AssertLedgerIsCleanAsync();
    }

    [Fact]
    public async Task Twenty_accounts_on_three_nodes_meet_without_a_deadlock_and_a_stop_leaves_tasks_to_the_others()
    {
        await using var scene = await ClusterScene.StartAsync(64);
        scene.Finish();
        var customers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => scene.Nodes[i % 3].Api.CreateCustomerAsync(mode: "live")));
        var ids = new List<(Customer Customer, string Id)>();
        var stopping = Task.CompletedTask;
        for (var round = 0; round < 10; round++)
        {
            if (round == 5)
            {
                stopping = scene.Nodes[0].TerminateAsync();
            }

            var from = round < 5 ? 0 : 1;
            ids.AddRange(await Task.WhenAll(customers.Select(async (customer, i) => (customer, await scene.GenerateAsync(from + (i % (3 - from)), customer, $"round {round} of {i}")))));
        }

        await stopping;
        foreach (var (customer, id) in ids)
        {
            var task = await scene.Nodes[1].Api.WaitAsync(customer, id);
            Assert.True(task.GetProperty("status").GetString() == "completed", task.ToString());
        }

        Assert.Equal(0, await scene.Nodes[0].ExitCodeAsync(Until.Patience));
        Assert.Equal(ids.Count, scene.Vendor.Books.Submits);
        Assert.Equal(0, await scene.DeadlocksAsync());
        Assert.Equal(2, await scene.AskAsync<long>("select count(*) from nodes"));
        await scene.Nodes[1].Api.AssertLedgerIsCleanAsync();
    }

    [Fact]
    public async Task A_node_that_answers_and_a_node_that_works_share_a_task_and_are_listed()
    {
        await using var scene = await ClusterScene.StartAsync(Places, "api", "worker");
        scene.Finish();
        var api = scene.Nodes[0].Api;
        var customer = await api.CreateCustomerAsync(mode: "live");
        var task = await api.WaitAsync(customer, await scene.GenerateAsync(0, customer, "a red fox"));
        Assert.Equal("completed", task.GetProperty("status").GetString());
        var worker = scene.Nodes[1].Api;
        Assert.Equal(404, (await worker.SendAsync(HttpMethod.Get, "/api/v1/models", customer.Key)).Status);
        Assert.Equal(200, (await worker.SendAsync(HttpMethod.Get, "/health/ready", key: null)).Status);

        var listed = await Until.SeesAsync(scene.ListNodesAsync, nodes => nodes.GetArrayLength() == 2);
        Assert.Equal(["api", "worker"], listed.EnumerateArray().Select(node => node.GetProperty("roles").GetString()!).Order(StringComparer.Ordinal));
        Assert.Single(listed.EnumerateArray().Select(node => node.GetProperty("settings").GetString()).Distinct());
        await api.AssertLedgerIsCleanAsync();
    }

    [Fact]
    public async Task A_node_that_leaves_with_paid_calls_in_the_air_loses_none_and_holds_nobody_up()
    {
        await using var scene = await ClusterScene.StartAsync(64);
        scene.Finish();
        var answer = new TaskCompletionSource();
        var customer = await scene.Nodes[1].Api.CreateCustomerAsync(mode: "live");
        for (var i = 0; i < 9; i++)
        {
            scene.Vendor.Books.PlanFor($"held {i}", new JobPlan { AnswersAfter = answer.Task, Polls = [PollAnswer.Succeeded] });
        }

        var held = await Task.WhenAll(Enumerable.Range(0, 9).Select(i => scene.GenerateAsync(i % 3, customer, $"held {i}")));
        await Until.HoldsAsync(() => scene.Vendor.Books.Accepted.Count == held.Length);
        await scene.Nodes[0].TerminateAsync();

        // Whichever node the scheduler was on, and wherever these would have gone, those that stay take them.
        for (var i = 0; i < 12; i++)
        {
            var id = await scene.GenerateAsync(1 + (i % 2), customer, $"meanwhile {i}");
            Assert.Equal("completed", (await scene.Nodes[1].Api.WaitAsync(customer, id)).GetProperty("status").GetString());
        }

        answer.SetResult();
        foreach (var id in held)
        {
            Assert.Equal("completed", (await scene.Nodes[1].Api.WaitAsync(customer, id)).GetProperty("status").GetString());
        }

        Assert.Equal(0, await scene.Nodes[0].ExitCodeAsync(Until.Patience));
        Assert.Equal(held.Length + 12, scene.Vendor.Books.Submits);
        await scene.Nodes[1].Api.AssertLedgerIsCleanAsync();
    }
}
