using System.Text.Json;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>The server dies around the transactions of a batch and is started again: the batch is whole or absent, and ends once.</summary>
public sealed class BatchCrashTests
{
    private const int Items = 4;
    private const long Credits = 100_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // Inside the submitting transaction, behind it, and around the one that ends the last item.
    [Theory]
    [InlineData("K2", Traits = ["Category", "Nightly"])]
    [InlineData("K3")]
    [InlineData("K11:4")]
    [InlineData("K12:4", Traits = ["Category", "Nightly"])]
    public async Task A_crash_here_leaves_a_whole_batch_that_ends_once(string point)
    {
        await using var server = await ServerProcess.StartAsync(crashAt: point);
        var customer = await server.Api.CreateCustomerAsync(Credits);

        var first = await TryCreateAsync(server, customer);
        Assert.Equal(ChildProcess.Killed, await server.ExitCodeAsync(Patience));
        await server.StartAgainAsync();
        var again = (await CreateAsync(server, customer)).Expect(200);
        Assert.Equal(first ?? again.Text, again.Text);

        var id = again.Data.GetProperty("id").GetString()!;
        await UntilEndedAsync(server, customer, id);
        await using var events = await EventReader.OpenAsync(server.Api, customer, "/api/v1/events?after=0");
        var told = await EndOfAsync(events, id);
        Assert.Equal((Items, Items), (told.GetProperty("counts").GetProperty("total").GetInt32(), told.GetProperty("counts").GetProperty("completed").GetInt32()));

        // Behind the end of another batch, nothing more can come of the first.
        var last = (await server.Api.SendAsync(HttpMethod.Post, "/api/v1/batches", customer.Key, """{"requests":[{"model":"nano-banana-text-to-image","prompt":"last"}]}""")).Expect(200);
        await UntilEndedAsync(server, customer, last.Data.GetProperty("id").GetString()!);
        Assert.NotEqual(id, (await EndOfAsync(events, null)).GetProperty("id").GetString());
        Assert.Equal(2, (await server.Api.GetAsync(customer, "/api/v1/batches")).Expect(200).Data.GetProperty("batches").GetArrayLength());
        Assert.Equal(Items + 1, (await server.Api.GetAsync(customer, "/api/v1/tasks?limit=100")).Expect(200).Data.GetProperty("tasks").GetArrayLength());
        var used = told.GetProperty("creditsUsed").GetInt64();
        Assert.Equal(Credits - used - (used / Items), await server.Api.CreditsAsync(customer));
        await server.Api.AssertLedgerIsCleanAsync();
        server.Books.AssertNothingWasBoughtTwice();
    }

    private static async Task UntilEndedAsync(ServerProcess server, Customer customer, string id)
    {
        foreach (var item in (await server.Api.GetAsync(customer, $"/api/v1/batches/{id}")).Expect(200).Data.GetProperty("items").EnumerateArray())
        {
            await server.Api.WaitAsync(customer, item.GetProperty("taskId").GetString()!, Patience);
        }
    }

    private static async Task<JsonElement> EndOfAsync(EventReader events, string? id) =>
        (await events.FindAsync(next => next.Type == "batch.completed" && (id is null || next.TaskId == id))).Task;

    private static async Task<string?> TryCreateAsync(ServerProcess server, Customer customer)
    {
        try
        {
            return (await CreateAsync(server, customer)).Expect(200).Text;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static Task<Reply> CreateAsync(ServerProcess server, Customer customer)
    {
        var requests = Enumerable.Range(0, Items).Select(i => new { model = "nano-banana-text-to-image", prompt = $"item {i}" });
        return server.Api.SendAsync(HttpMethod.Post, "/api/v1/batches", customer.Key, JsonSerializer.Serialize(new { requests }), "the-batch");
    }
}
