using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Events;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.VicSee;

/// <summary>Streams of events over HTTP: order, resumption, isolation, limits; on both databases.</summary>
public abstract class EventStreamConformance : IAsyncLifetime
{
    private static readonly string[] Story = ["task.created", "task.processing", "task.completed"];

    private FakeProvider _provider = null!;
    private FakeProviderAdapter _adapter = null!;

    private protected abstract SqlDialect Dialect { get; }

    private protected TestZoetrope Zoetrope { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await FakeProvider.StartAsync();
        _adapter = new FakeProviderAdapter(_provider, EvidenceClass.QueryByOurId);
        Zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Database = Dialect,
            Provider = _adapter,
            Settings = new Dictionary<string, string?> { ["Streams:MaxPerKey"] = "210", ["Streams:MaxOpen"] = "215", ["Streams:SendTimeout"] = "00:00:00.5" },
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (Zoetrope is not null)
        {
            await Zoetrope.DisposeAsync();
        }

        _adapter.Dispose();
        await _provider.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_task_tells_its_whole_story_in_order_and_the_stream_ends()
    {
        var customer = await Zoetrope.Api.CreateCustomerAsync();
        var id = await StartAsync(customer);

        await using var reader = await EventReader.OpenAsync(Zoetrope.Api, customer, $"/api/v1/tasks/{id}/events");
        var seen = await reader.AllAsync();

        Assert.Equal("text/event-stream", reader.Response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(["no"], reader.Response.Headers.GetValues("X-Accel-Buffering"));
        Assert.True(reader.Response.Headers.CacheControl is { NoStore: true, NoTransform: true });
        Assert.Equal(Story, Logged(seen).Select(item => item.Type));
        Assert.Equal("task.completed", seen[^1].Type);
        Assert.All(seen, item => Assert.Equal(id, item.TaskId));
        Assert.Equal("completed", seen[^1].Task.GetProperty("status").GetString());
        Assert.NotEqual("", seen[^1].Task.GetProperty("result").GetProperty("url").GetString());
    }

    [Fact]
    public async Task A_reader_resumes_at_every_cut_without_a_gap_and_without_a_repetition()
    {
        var customer = await Zoetrope.Api.CreateCustomerAsync();
        foreach (var prompt in new[] { "One", "Two", "Three" })
        {
            await Zoetrope.Api.WaitAsync(customer, await StartAsync(customer, prompt));
        }

        var whole = await ReadAsync(customer, "0", 9);
        for (var cut = 0; cut < whole.Count; cut++)
        {
            var rest = await ReadAsync(customer, $"{whole[cut].Id}", whole.Count - cut - 1);
            Assert.Equal(whole.Skip(cut + 1).Select(item => (item.Id, item.Type, item.TaskId)), rest.Select(item => (item.Id, item.Type, item.TaskId)));
        }

        Assert.Equal(whole.Select(item => item.Id).Order(), whole.Select(item => item.Id));
        Assert.All(whole.GroupBy(item => item.TaskId), task => Assert.Equal(Story, task.Select(item => item.Type)));
    }

    [Fact]
    public async Task A_reader_of_an_ended_task_that_knows_its_end_is_told_not_to_come_again()
    {
        var customer = await Zoetrope.Api.CreateCustomerAsync();
        var id = await StartAsync(customer);
        await using var first = await EventReader.OpenAsync(Zoetrope.Api, customer, $"/api/v1/tasks/{id}/events");
        var ids = Logged(await first.AllAsync()).Select(item => item.Id).ToList();

        await using var middle = await EventReader.OpenAsync(Zoetrope.Api, customer, $"/api/v1/tasks/{id}/events?after=0", lastEventId: $"{ids[1]}");
        await using var behind = await EventReader.OpenAsync(Zoetrope.Api, customer, $"/api/v1/tasks/{id}/events?after={ids[2]}");

        Assert.Equal(["task.completed"], (await middle.AllAsync()).Select(item => item.Type));
        Assert.Equal(204, (int)behind.Response.StatusCode);
    }

    [Fact]
    public async Task A_stream_of_the_account_begins_now_and_a_broken_connection_loses_nothing()
    {
        var customer = await Zoetrope.Api.CreateCustomerAsync();
        var stranger = await Zoetrope.Api.CreateCustomerAsync();
        await Zoetrope.Api.WaitAsync(customer, await StartAsync(customer, "Before"));
        var reader = await EventReader.OpenAsync(Zoetrope.Api, customer, "/api/v1/events");
        var other = new Customer(customer.AccountId, await Zoetrope.Api.CreateKeyAsync(customer.AccountId, "live"));
        await using var live = await EventReader.OpenAsync(Zoetrope.Api, other, "/api/v1/events");

        await StartAsync(stranger, "Foreign");
        var id = await StartAsync(customer, "After");
        var first = (await reader.NextAsync())!;
        var cursor = reader.Cursor;
        await reader.DisposeAsync();
        await Zoetrope.Api.WaitAsync(customer, id);
        await using var again = await EventReader.OpenAsync(Zoetrope.Api, customer, "/api/v1/events", cursor);

        Assert.Equal(("task.created", id), (first.Type, first.TaskId));
        Assert.Equal(("task.processing", id), Told(await again.NextAsync()));
        Assert.Equal(("task.completed", id), Told(await again.NextAsync()));
        Assert.Equal(cursor.Length > 0, live.Cursor.Length == 0);
    }

    [Fact]
    public async Task Two_hundred_listeners_of_one_task_all_hear_its_end_once()
    {
        var customer = await Zoetrope.Api.CreateCustomerAsync();
        var hold = new TaskCompletionSource();
        _provider.Books.Plan(new JobPlan { Answer = () => hold.Task.IsCompleted ? PollAnswer.Succeeded : PollAnswer.Running });
        var id = await StartAsync(customer);
        var readers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => EventReader.OpenAsync(Zoetrope.Api, customer, $"/api/v1/tasks/{id}/events")));

        hold.SetResult();
        var all = await Task.WhenAll(readers.Select(reader => reader.AllAsync()));

        Assert.All(all, seen => Assert.Equal(Story, Logged(seen).Select(item => item.Type)));
        foreach (var reader in readers)
        {
            await reader.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_is_disconnected_and_its_place_is_free_again()
    {
        var customer = await Zoetrope.Api.CreateCustomerAsync();
        var id = await StartAsync(customer, new string('x', 1_500));
        await Zoetrope.Api.WaitAsync(customer, id);
        await using var scope = Zoetrope.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<Database>().InTransactionAsync(async tx =>
        {
            for (var i = 0; i < 6_000; i++)
            {
                await EventLog.AppendAsync(tx, customer.AccountId, id, "task.processing", DateTimeOffset.UnixEpoch);
            }
        });
        using var slow = new TcpClient { ReceiveBufferSize = 4_096 };
        await slow.ConnectAsync(Zoetrope.Api.Address.Host, Zoetrope.Api.Address.Port);
        await slow.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET /api/v1/events?after=0 HTTP/1.1\r\nHost: {Zoetrope.Api.Address.Authority}\r\nAuthorization: Bearer {customer.Key}\r\n\r\n"));
        await slow.GetStream().ReadExactlyAsync(new byte[100]);

        // All places but the slow one's are taken; then one comes free without anybody letting go.
        var others = await Task.WhenAll(Enumerable.Range(0, 209).Select(_ => EventReader.OpenAsync(Zoetrope.Api, customer, "/api/v1/events")));
        var free = await Until.SeesAsync(() => ProbeAsync(customer), probe => probe.Status != 429);

        Assert.Equal(200, free.Status);
        foreach (var reader in others)
        {
            await reader.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_revoked_key_hears_no_more()
    {
        var customer = await Zoetrope.Api.CreateCustomerAsync();
        await using var reader = await EventReader.OpenAsync(Zoetrope.Api, customer, "/api/v1/events");
        var keys = (await Zoetrope.Api.OperateAsync(HttpMethod.Get, $"/admin/v1/accounts/{customer.AccountId}/keys")).Expect(200).Data.GetProperty("keys");

        (await Zoetrope.Api.OperateAsync(HttpMethod.Delete, $"/admin/v1/accounts/{customer.AccountId}/keys/{keys[0].GetProperty("id").GetString()}")).Expect(200);

        Assert.Null(await reader.NextAsync());
    }

    [Theory]
    [InlineData("/api/v1/events?after=nonsense", 400, "INVALID_CURSOR")]
    [InlineData("/api/v1/events?after=-1", 400, "INVALID_CURSOR")]
    [InlineData("/api/v1/events?after=9000000000", 400, "INVALID_CURSOR")]
    [InlineData("/api/v1/tasks/task_00000000000000000000000000/events", 404, "TASK_NOT_FOUND")]
    public async Task What_cannot_be_followed_is_refused(string path, int status, string code)
    {
        var refused = await Zoetrope.Api.GetAsync(await Zoetrope.Api.CreateCustomerAsync(), path);

        Assert.Equal((status, code), (refused.Status, refused.Code));
    }

    [Fact]
    public async Task A_foreign_task_cannot_be_followed()
    {
        var id = await StartAsync(await Zoetrope.Api.CreateCustomerAsync());

        var refused = await Zoetrope.Api.GetAsync(await Zoetrope.Api.CreateCustomerAsync(), $"/api/v1/tasks/{id}/events");

        Assert.Equal((404, "TASK_NOT_FOUND"), (refused.Status, refused.Code));
    }

    private protected async Task<string> StartAsync(Customer customer, string prompt = "A red fox") =>
        (await Zoetrope.Api.GenerateAsync(customer, new { model = "flux-2-pro-text-to-image", input = new { prompt } })).Expect(200).Data.GetProperty("id").GetString()!;

    private static (string, string) Told(SeenEvent? item) => (item!.Type, item.TaskId);

    private static IEnumerable<SeenEvent> Logged(IEnumerable<SeenEvent> seen) => seen.Where(item => item.Id is not null);

    private async Task<List<SeenEvent>> ReadAsync(Customer customer, string after, int count)
    {
        await using var reader = await EventReader.OpenAsync(Zoetrope.Api, customer, $"/api/v1/events?after={after}");
        return await reader.TakeAsync(count);
    }

    private async Task<Reply> ProbeAsync(Customer customer)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Zoetrope.Api.Address, "/api/v1/events"));
        request.Headers.Add("Authorization", $"Bearer {customer.Key}");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return new Reply((int)response.StatusCode, "", response.Headers);
    }
}

public sealed class SqliteEventStreamTests : EventStreamConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresEventStreamTests : EventStreamConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;

    [Fact]
    public async Task An_account_s_later_event_does_not_become_visible_before_an_earlier_one()
    {
        var customer = await Zoetrope.Api.CreateCustomerAsync();
        var id = await StartAsync(customer);
        await Zoetrope.Api.WaitAsync(customer, id);
        var database = Zoetrope.Services.GetRequiredService<Database>();
        var head = await database.ReadAsync(async session => (await EventLog.EndsAsync(session, customer.AccountId)).Head);
        var written = new TaskCompletionSource();
        var commit = new TaskCompletionSource();
        var early = database.InTransactionAsync(async tx =>
        {
            await EventLog.AppendAsync(tx, customer.AccountId, id, "task.early", DateTimeOffset.UnixEpoch);
            written.SetResult();
            await commit.Task;
        });
        await written.Task;

        var late = database.InTransactionAsync(tx => EventLog.AppendAsync(tx, customer.AccountId, id, "task.late", DateTimeOffset.UnixEpoch));
        // Another account is not held up.
        await database.InTransactionAsync(tx => EventLog.AppendAsync(tx, "acct_another", id, "task.other", DateTimeOffset.UnixEpoch));
        var between = await database.ReadAsync(async session => await EventLog.ReadAsync(session, customer.AccountId, null, head, 10));
        var waited = !late.IsCompleted;
        commit.SetResult();
        await Task.WhenAll(early, late);
        var log = await database.ReadAsync(async session => await EventLog.ReadAsync(session, customer.AccountId, null, head, 10));

        Assert.Empty(between);
        Assert.True(waited);
        Assert.Equal(["task.early", "task.late"], log.Select(line => line.Type));
    }
}
