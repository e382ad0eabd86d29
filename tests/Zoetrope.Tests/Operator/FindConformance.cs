using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Zoetrope.Server.Hosting.Logs;
using Zoetrope.Server.Operator;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Events;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Operator;

/// <summary>From a customer's request id alone, in one call: the task, the vendor's ids, the log, the ledger and the webhooks.</summary>
public abstract class FindConformance : VendorScene
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    private WebhookReceiver _receiver = null!;
    private Customer _customer = null!;

    private protected override TestServer Wanted => new()
    {
        Settings = new Dictionary<string, string?> { ["Logging:Level"] = "Information", ["Webhooks:PollInterval"] = "00:00:00.050" },
        Register = services => services.AddSingleton<ILoggerProvider>(provider =>
            new JournalWriter(provider.GetRequiredService<Journal>(), 10_000_000, TimeProvider.System)),
    };

    public override async ValueTask InitializeAsync()
    {
        _receiver = await WebhookReceiver.StartAsync();
        await base.InitializeAsync();
        _customer = await Api.CreateCustomerAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _receiver.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Every_id_of_a_task_leads_to_all_that_is_known_of_it()
    {
        var id = await StartAsync("A red fox", "order-7_customer.A", $"00-{Trace}-00f067aa0ba902b7-01", _receiver.Url("/told"));
        var other = await StartAsync("A blue fox", "order-70", webhookUrl: _receiver.Url("/untraced"));
        await Api.WaitAsync(_customer, id);
        await Api.WaitAsync(_customer, other);
        var found = await Until.SeesAsync(
            () => FindAsync("order-7_customer.A"),
            found => found.GetProperty("tasks")[0].GetProperty("webhooks").EnumerateArray().Count(sent => Text(sent, "state") == "delivered") == 3
                && Messages(found).Count(line => line.StartsWith("Webhook ", StringComparison.Ordinal)) == 3);

        var record = Assert.Single(found.GetProperty("tasks").EnumerateArray());
        var task = record.GetProperty("task");
        Assert.Equal((id, "completed", _customer.AccountId, "order-7_customer.A", Trace), (Text(task, "id"), Text(task, "status"), Text(task, "accountId"), Text(task, "requestId"), Text(task, "traceId")));
        var attempt = Assert.Single(record.GetProperty("attempts").EnumerateArray());
        var job = Text(attempt, "providerTaskId");
        Assert.Contains(Provider.Books.Accepted, accepted => accepted.Id == job);
        Assert.Equal(["hold", "settle"], record.GetProperty("ledger").EnumerateArray().Select(line => Text(line, "kind")));
        Assert.Equal(["task.created", "task.processing", "task.completed"], record.GetProperty("events").EnumerateArray().Select(item => Text(item, "type")));
        Assert.All(record.GetProperty("webhooks").EnumerateArray(), sent => Assert.Equal(_receiver.Url("/told"), Text(sent, "url")));

        // Each attempt is a span of its own in the client's trace.
        var spans = _receiver.All.Where(told => told.Path == "/told").Select(told => told.TraceParent?.Split('-') ?? []).ToList();
        Assert.All(spans, span => Assert.True(span is ["00", Trace, { Length: 16 }, "01"] && span[2] != "00f067aa0ba902b7", string.Join('-', span)));
        Assert.Distinct(spans.Select(span => span[2]));

        Assert.All(_receiver.All.Where(told => told.Path == "/untraced"), told => Assert.Null(told.TraceParent));

        // The request, the end of the task and its webhooks, each with both ids, and nothing of the other task.
        Assert.Contains(Messages(found), line => line.StartsWith("POST /api/v1/generate 200 in ", StringComparison.Ordinal));
        Assert.Contains(Messages(found), line => line.StartsWith($"{id} succeeded: ", StringComparison.Ordinal));
        Assert.All(found.GetProperty("log").EnumerateArray(), line => Assert.Equal(id, Text(line, "taskId")));
        Assert.All(found.GetProperty("log").EnumerateArray().Where(line => !Text(line, "message").StartsWith("GET ", StringComparison.Ordinal)), line => Assert.Equal("order-7_customer.A", Text(line, "requestId")));

        foreach (var way in new[] { id, Trace, Text(attempt, "id"), job })
        {
            var by = Assert.Single((await FindAsync(way)).GetProperty("tasks").EnumerateArray());
            Assert.Equal(id, Text(by.GetProperty("task"), "id"));
        }

        Assert.Equal(record.GetProperty("ledger").ToString(), (await OperateAsync($"tasks/{id}")).GetProperty("ledger").ToString());
        Assert.Equal(0, (await FindAsync("order")).GetProperty("tasks").GetArrayLength());
        Assert.Equal(404, (await Api.OperateAsync(HttpMethod.Get, "/admin/v1/tasks/task_00000000000000000000000000")).Status);
        Assert.Equal("MISSING_PARAMETER", (await Api.OperateAsync(HttpMethod.Get, "/admin/v1/find")).Code);
        Assert.Equal("INVALID_API_KEY", (await Api.SendAsync(HttpMethod.Get, $"/admin/v1/find?id={id}", _customer.Key)).Code);
    }

    [Fact]
    public async Task A_task_that_failed_is_found_with_why_and_one_without_a_usable_id_with_ours()
    {
        Provider.Books.Plan(new JobPlan { Submit = SubmitFault.Moderated });
        using var request = Request("A wolf", "not usable!");
        var reply = (await Api.SendAsync(request)).Expect(200);
        var made = Assert.Single(reply.Headers.GetValues("X-Request-Id"));
        var id = Text(reply.Data, "id");
        await Api.WaitAsync(_customer, id);

        var found = await Until.SeesAsync(() => FindAsync(made), found => Messages(found).Any(line => line.StartsWith($"{id} failed: ", StringComparison.Ordinal)));

        Assert.StartsWith("req_", made, StringComparison.Ordinal);
        Assert.Contains(Messages(found), line => line.StartsWith($"{id} failed: ", StringComparison.Ordinal) && line.Contains("CONTENT_REFUSED (content_refused, ", StringComparison.Ordinal));
        Assert.Equal("CONTENT_REFUSED", Text(found.GetProperty("tasks")[0].GetProperty("task"), "errorCode"));
    }

    [Fact]
    public async Task Tasks_of_all_accounts_are_listed_page_by_page_and_by_what_they_are()
    {
        var second = await Api.CreateCustomerAsync();
        var ids = new List<string>();
        foreach (var (customer, fault) in new[] { (_customer, SubmitFault.None), (second, SubmitFault.None), (_customer, SubmitFault.Moderated), (second, SubmitFault.None) })
        {
            Provider.Books.Plan(new JobPlan { Submit = fault });
            var id = Text((await Api.GenerateAsync(customer, Body("A fox", null))).Expect(200).Data, "id");
            await Api.WaitAsync(customer, id);
            ids.Insert(0, id);
        }

        Assert.Equal(ids, await ListAsync("tasks?limit=3"));
        Assert.Equal([ids[1]], await ListAsync("tasks?status=failed&limit=1"));
        Assert.Equal([ids[0], ids[2]], await ListAsync($"tasks?accountId={second.AccountId}&limit=1"));
        Assert.Equal([ids[0], ids[2], ids[3]], await ListAsync("tasks?status=completed&provider=sandbox&mode=test"));
        Assert.Empty(await ListAsync("tasks?mode=live"));
        Assert.Empty(await ListAsync("tasks?to=2020-01-01T00:00:00Z"));
        Assert.Equal(ids, await ListAsync("tasks?from=2020-01-01"));
        foreach (var (query, field) in new[] { ("status=done", "status"), ("mode=both", "mode"), ("from=noon", "from"), ("limit=0", "limit"), ("cursor=x", "cursor") })
        {
            var refused = await Api.OperateAsync(HttpMethod.Get, $"/admin/v1/tasks?{query}");
            Assert.Equal((400, field), (refused.Status, refused.Json.GetProperty("error").GetProperty("field").GetString()));
        }

        var ledger = await OperateAsync($"accounts/{_customer.AccountId}/ledger?limit=2");
        Assert.Equal(["release", "hold"], ledger.GetProperty("entries").EnumerateArray().Select(line => Text(line, "kind")));
        Assert.Equal(["grant"], (await OperateAsync($"accounts/{_customer.AccountId}/ledger?kind=grant")).GetProperty("entries").EnumerateArray().Select(line => Text(line, "kind")));
        var day = Assert.Single((await OperateAsync($"accounts/{_customer.AccountId}/usage")).GetProperty("days").EnumerateArray());
        Assert.Equal((2, 1, 1), (day.GetProperty("tasks").GetInt32(), day.GetProperty("completed").GetInt32(), day.GetProperty("failed").GetInt32()));
        foreach (var path in new[] { "ledger", "usage" })
        {
            Assert.Equal("ACCOUNT_NOT_FOUND", (await Api.OperateAsync(HttpMethod.Get, $"/admin/v1/accounts/acct_0/{path}")).Code);
        }
    }

    [Fact]
    public async Task Accounts_are_found_by_a_part_of_their_name()
    {
        foreach (var name in new[] { "Ada's Studio", "studio 100%", "Studio_1", "Studio!1", "Other" })
        {
            (await Api.OperateAsync(HttpMethod.Post, "/admin/v1/accounts", new { name, plan = "pro" })).Expect(200);
        }

        foreach (var (part, names) in new (string, string[])[]
        {
            ("STUDIO", ["Ada's Studio", "studio 100%", "Studio_1", "Studio!1"]), ("a's s", ["Ada's Studio"]), ("0%", ["studio 100%"]),
            ("o_1", ["Studio_1"]), ("o!1", ["Studio!1"]), ("%_", []), ("Studios", []),
        })
        {
            Assert.Equal(names, await NamesAsync($"accounts?limit=2&name={Uri.EscapeDataString(part)}"));
        }

        Assert.Equal(await NamesAsync("accounts?limit=3"), await NamesAsync("accounts?name=&limit=100"));
        var refused = await Api.OperateAsync(HttpMethod.Get, "/admin/v1/accounts?name=a%00");
        Assert.Equal((400, "INVALID_PARAMETER"), (refused.Status, refused.Code));
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static IEnumerable<string> Messages(JsonElement found) => found.GetProperty("log").EnumerateArray().Select(line => Text(line, "message"));

    private static object Body(string prompt, string? webhookUrl) => new { model = "flux-2-pro-text-to-image", input = new { prompt }, webhookUrl };

    private HttpRequestMessage Request(string prompt, string requestId, string? traceParent = null, string? webhookUrl = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/generate") { Content = new StringContent(JsonSerializer.Serialize(Body(prompt, webhookUrl)), System.Text.Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {_customer.Key}");
        request.Headers.TryAddWithoutValidation("X-Request-Id", requestId);
        if (traceParent is not null)
        {
            request.Headers.TryAddWithoutValidation("traceparent", traceParent);
        }

        return request;
    }

    private async Task<string> StartAsync(string prompt, string requestId, string? traceParent = null, string? webhookUrl = null)
    {
        using var request = Request(prompt, requestId, traceParent, webhookUrl);
        var reply = (await Api.SendAsync(request)).Expect(200);
        Assert.Equal(requestId, Assert.Single(reply.Headers.GetValues("X-Request-Id")));
        return Text(reply.Data, "id");
    }

    private async Task<JsonElement> OperateAsync(string path) => (await Api.OperateAsync(HttpMethod.Get, $"/admin/v1/{path}")).Expect(200).Data;

    private Task<JsonElement> FindAsync(string id) => OperateAsync($"find?id={id}");

    private Task<List<string>> ListAsync(string path) => PagesAsync(path, "tasks", "id");

    private Task<List<string>> NamesAsync(string path) => PagesAsync(path, "accounts", "name");

    private async Task<List<string>> PagesAsync(string path, string items, string member)
    {
        var all = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await OperateAsync(cursor.Length == 0 ? path : $"{path}&cursor={cursor}");
            all.AddRange(page.GetProperty(items).EnumerateArray().Select(item => Text(item, member)));
            cursor = page.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
        }

        return all;
    }
}

public sealed class SqliteFindTests : FindConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresFindTests : FindConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
