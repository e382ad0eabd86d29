using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Doors.Mcp;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Shared;

/// <summary>A database that cannot grow is a server that is unavailable for a while, at every door, and no fault of the client.</summary>
public sealed class DiskFullTests
{
    [Fact]
    public async Task A_submit_is_answered_with_503_and_when_to_come_back()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { ["Providers:sandbox:Concurrency"] = "0" } });
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var database = zoetrope.Services.GetRequiredService<Database>();
        await LimitAsync(database, 1);
        try
        {
            var replies = new List<Reply>();
            for (var i = 0; i < 60 && replies.LastOrDefault() is not { Status: not 200 }; i++)
            {
                replies.Add(await zoetrope.Api.GenerateAsync(customer, new { model = "nano-banana-text-to-image", prompt = new string('x', 3_000) }));
            }

            var full = replies[^1];
            Assert.Equal((503, "UNAVAILABLE"), (full.Status, full.Code));
            Assert.NotNull(full.Headers.RetryAfter);
            var door = await zoetrope.Api.SendAsync(HttpMethod.Post, "/v1/videos", customer.Key, JsonSerializer.Serialize(new { model = "seedance-2-0-mini", prompt = new string('x', 1_900) }));
            Assert.Equal(503, door.Status);
            await using var agent = await McpClients.ConnectAsync(zoetrope.Api, customer.Key);
            Assert.Equal("UNAVAILABLE", (await agent.CallAsync("vicsee_generate", new { model = "nano-banana-text-to-image", prompt = new string('x', 3_000) })).Code());
        }
        finally
        {
            await LimitAsync(database, 1_000_000);
        }

        (await zoetrope.Api.GenerateAsync(customer, new { model = "nano-banana-text-to-image", prompt = "a" })).Expect(200);
    }

    // The writer's own connection: the limit is not kept in the file. A limit below the size means the size.
    private static Task LimitAsync(Database database, long pages) =>
        database.InTransactionAsync(tx => tx.ScalarAsync<long>($"pragma max_page_count = {pages}"));
}
