using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.Events;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.VicSee;

/// <summary>What one server bears of event streams.</summary>
public sealed class EventStreamLimitTests
{
    [Fact]
    public async Task The_server_s_last_place_is_given_once_and_again_when_it_is_free()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { ["Streams:MaxOpen"] = "2" } });
        var (one, other) = (await zoetrope.Api.CreateCustomerAsync(), await zoetrope.Api.CreateCustomerAsync());
        var first = await EventReader.OpenAsync(zoetrope.Api, one, "/api/v1/events");
        await using var second = await EventReader.OpenAsync(zoetrope.Api, other, "/api/v1/events");

        var refused = await zoetrope.Api.GetAsync(other, "/api/v1/events");
        await first.DisposeAsync();
        await using var again = await OpenAsync(zoetrope, other);

        Assert.Equal((503, "UNAVAILABLE"), (refused.Status, refused.Code));
        Assert.Equal(5, refused.Headers.RetryAfter?.Delta?.TotalSeconds);
        Assert.Equal(200, (int)again.Response.StatusCode);
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_keeps_nothing_from_the_others()
    {
        const int Events = 3_000;
        await using var zoetrope = await TestZoetrope.StartAsync();
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var id = (await zoetrope.Api.GenerateAsync(customer, new { model = "flux-2-pro-text-to-image", input = new { prompt = new string('x', 1_500) } })).Expect(200).Data.GetProperty("id").GetString()!;
        await zoetrope.Api.WaitAsync(customer, id);
        using var slow = new TcpClient { ReceiveBufferSize = 4_096 };
        await slow.ConnectAsync(zoetrope.Api.Address.Host, zoetrope.Api.Address.Port);
        await slow.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET /api/v1/events HTTP/1.1\r\nHost: {zoetrope.Api.Address.Authority}\r\nAuthorization: Bearer {customer.Key}\r\n\r\n"));
        await slow.GetStream().ReadExactlyAsync(new byte[100]);
        await using var healthy = await EventReader.OpenAsync(zoetrope.Api, customer, "/api/v1/events");

        // More in one transaction than a listener is handed at once: it has to go back to the log without a gap.
        var database = zoetrope.Services.GetRequiredService<Database>();
        await database.InTransactionAsync(async tx =>
        {
            for (var i = 0; i < Events; i++)
            {
                await EventLog.AppendAsync(tx, customer.AccountId, id, "task.processing", DateTimeOffset.UnixEpoch);
            }
        });
        var seen = (await healthy.TakeAsync(Events)).Select(item => item.Id!.Value).ToList();

        Assert.Equal(seen.Distinct().Order(), seen);
        Assert.Equal(Events - 1, seen[^1] - seen[0]);
    }

    [Fact]
    [Trait("Category", "Nightly")]
    public async Task Two_thousand_listeners_hear_everything_once_and_in_order_over_a_kill_of_the_server()
    {
        const int Listeners = 2_000;
        const int Tasks = 10;
        await using var server = await ServerProcess.StartAsync(new Dictionary<string, string?>
        {
            ["Zoetrope__Streams__MaxPerKey"] = $"{Listeners}",
            ["Zoetrope__Providers__sandbox__Concurrency"] = "0",
        });
        var customer = await server.Api.CreateCustomerAsync();
        var readers = new EventReader[Listeners];
        var seen = Enumerable.Range(0, Listeners).Select(_ => new List<string>()).ToArray();
        await Parallel.ForAsync(0, Listeners, async (i, _) => readers[i] = await EventReader.OpenAsync(server.Api, customer, "/api/v1/events?after=0"));

        var ids = await StartAsync(server, customer, Tasks);
        await Parallel.ForAsync(0, Listeners, async (i, _) => await ReadAsync(readers[i], seen[i], Tasks));
        await server.KillAsync();
        await server.StartAgainAsync();
        ids.AddRange(await StartAsync(server, customer, Tasks));
        await Parallel.ForAsync(0, Listeners, async (i, _) =>
        {
            await using var again = await EventReader.OpenAsync(server.Api, customer, "/api/v1/events", readers[i].Cursor);
            await ReadAsync(again, seen[i], ids.Count);
            await readers[i].DisposeAsync();
        });

        Assert.All(seen, told => Assert.Equal(ids, told));
    }

    private static async Task<List<string>> StartAsync(ServerProcess server, Customer customer, int count)
    {
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
        {
            ids.Add((await server.Api.GenerateAsync(customer, new { model = "flux-2-pro-text-to-image", input = new { prompt = "A red fox" } })).Expect(200).Data.GetProperty("id").GetString()!);
        }

        return ids;
    }

    private static async Task ReadAsync(EventReader reader, List<string> seen, int upTo)
    {
        seen.AddRange((await reader.TakeAsync(upTo - seen.Count)).Select(item => item.TaskId));
    }

    // The server learns of a closed connection a moment later.
    private static Task<EventReader> OpenAsync(TestZoetrope zoetrope, Customer customer) =>
        Until.FoundAsync(() => EventReader.TryOpenAsync(zoetrope.Api, customer, "/api/v1/events"));
}
