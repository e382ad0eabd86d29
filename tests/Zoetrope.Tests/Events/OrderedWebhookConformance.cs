using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Doors.Mcp;
using Zoetrope.Tests.Doors.OAuth;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Events;

/// <summary>Who answers for a webhook: a program may touch none, and what a program or key ordered ends with it.</summary>
public abstract class OrderedWebhookConformance : WebhookScene
{
    private static readonly string[] Ends = ["itself", "operator", "granter", "rotation", "expiry", "key", "key's expiry"];

    private ZoetropeApi Api => Zoetrope.Api;

    // Nothing here hangs, and a busy machine must not make an attempt too late.
    private protected override Dictionary<string, string?> Further => new()
    {
        ["Webhooks:Timeout"] = "00:00:30",
        ["OAuth:RegistrationsPerMinute"] = "1000",
        ["OAuth:RefreshTokenLifetime"] = "01:00:00",
    };

    [Fact]
    public async Task A_program_can_do_nothing_to_webhooks_secrets_and_alerts_at_any_door()
    {
        var endpoint = await CreateAsync();
        var before = await KnownAsync();
        var routes = AccessRules.List(Zoetrope.Services.GetRequiredService<EndpointDataSource>())
            .Where(item => item.Route.Contains("webhook", StringComparison.OrdinalIgnoreCase) || item.Route.Contains("secret", StringComparison.OrdinalIgnoreCase) || item.Route.Contains("alert", StringComparison.OrdinalIgnoreCase))
            .ToList();
        Assert.True(routes.Count > 15, string.Join('\n', routes));
        Assert.All(routes, item => Assert.True(item.Rule is AccessRule.Key { NotGrants: true }, $"{item.Route} is open to programs"));

        foreach (var scope in new[] { "generate", "read", "generate read" })
        {
            var (browser, tokens) = await OAuthBrowser.ConnectAsync(Api, Customer.Key, scope: scope);
            browser.Dispose();
            foreach (var (route, _) in routes)
            {
                var (method, path) = (route.Split(' ')[0], route.Split(' ')[1].Replace("{id}", Text(endpoint, "id"), StringComparison.Ordinal).Replace("{delivery}", "msg_1", StringComparison.Ordinal));
                var reply = await Api.SendAsync(new HttpMethod(method), path, tokens.Access, method is "GET" or "DELETE" ? null : $$"""{"url":"{{Receiver.Url("/stolen")}}","below":1}""");
                Assert.True((reply.Status, reply.Code) == (403, "FORBIDDEN"), $"{scope} at {route}: {reply.Status} {reply.Text}");
                Assert.Contains("Use an API key", reply.Text, StringComparison.Ordinal);
            }
        }

        // No tool is about them, and what a tool does not know as an argument does not get in beside the others.
        var (other, mcp) = await OAuthBrowser.ConnectAsync(Api, Customer.Key);
        other.Dispose();
        await using var client = await McpClients.ConnectAsync(Api, mcp.Access);
        Assert.All(await client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken), tool =>
            Assert.DoesNotContain("webhook", $"{tool.Name} {tool.JsonSchema}", StringComparison.OrdinalIgnoreCase));
        foreach (var arguments in new object[]
        {
            new { model = "nano-banana-2-text-to-image", prompt = "A fox", webhookUrl = Receiver.Url("/mcp") },
            new { model = "nano-banana-2-text-to-image", prompt = "A fox", extra = new { webhookUrl = Receiver.Url("/mcp") } },
        })
        {
            Assert.Equal("UNKNOWN_PARAMETER", (await client.CallAsync("vicsee_generate", arguments)).Code());
        }

        Assert.Equal(before, await KnownAsync());
        Assert.Equal(401, (await Api.SendAsync(HttpMethod.Get, "/api/v1/webhooks", mcp.Access[..^8])).Status);

        async Task<string> KnownAsync() => string.Join('\n',
            (await Api.GetAsync(Customer, "/api/v1/webhooks")).Expect(200).Text, (await Api.GetAsync(Customer, "/api/v1/webhooks/secret")).Expect(200).Text, (await Api.GetAsync(Customer, "/api/v1/credits/alert")).Expect(200).Text);
    }

    [Fact]
    public async Task Who_may_not_read_is_told_id_and_status_at_its_own_address()
    {
        var limited = Customer with { Key = await Api.CreateKeyAsync(Customer.AccountId, limits: new { scopes = new[] { "generate" } }) };
        var (browser, tokens) = await OAuthBrowser.ConnectAsync(Api, Customer.Key, scope: "generate");
        browser.Dispose();
        foreach (var (caller, path) in new[] { (limited, "/key"), (Customer with { Key = tokens.Access }, "/program"), (Customer, "/owner") })
        {
            (await PostAsync("/api/v1/generate", new { model = "nano-banana-2-text-to-image", input = new { prompt = "[[refused]]", resolution = "0.5K" }, webhookUrl = Receiver.Url(path) }, caller)).Expect(200);
            (await PostAsync("/api/v1/batches", new { requests = new[] { Request("[[refused]]") }, webhookUrl = Receiver.Url(path) }, caller)).Expect(200);
            await Until.HoldsAsync(() => Receiver.All.Count(item => item.Path == path) >= 4, () => Receiver.Received);
            Assert.All(Receiver.All.Where(item => item.Path == path), item =>
            {
                var names = item.Json.GetProperty("data").EnumerateObject().Select(property => property.Name).ToList();
                Assert.Equal(path == "/owner", names.Count > 2);
                Assert.Empty(new[] { "id", "status" }.Except(names));
            });
        }
    }

    [Fact]
    public async Task Whatever_ends_a_program_or_key_nothing_is_delivered_for_it_any_more()
    {
        foreach (var end in Ends)
        {
            await EndAsync(end);
        }
    }

    [Fact]
    public async Task An_endpoint_shows_its_key_pauses_with_it_and_belongs_to_who_resumes_it()
    {
        var (maker, other) = (await NamedAsync(Customer), await NamedAsync(Customer));
        var endpoint = (await PostAsync("/api/v1/webhooks", new { url = Receiver.Url(), events = new[] { "task.created" } }, maker)).Expect(200).Data;
        Assert.Equal(maker.Id, Text(endpoint, "keyId"));

        // A rotated key goes on in the new one.
        var rotated = (await Api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{Customer.AccountId}/keys/{maker.Id}/rotate", new { graceSeconds = 0 })).Expect(200).Data;
        await CreatedAsync();
        Assert.Equal("active", Text(await ReadAsync(endpoint), "state"));

        await RevokeAsync(Text(rotated, "id"));
        var paused = await ReadAsync(endpoint);
        Assert.Equal("paused", Text(paused, "state"));
        Assert.Contains("Resume it with another key", Text(paused, "pausedReason"), StringComparison.Ordinal);
        Assert.Equal((409, "INVALID_OPERATION"), await RefusalAsync(PostAsync(Path(endpoint, "test"))));
        var waiting = await StartAsync("[[refused]]");
        await UntilAsync(endpoint, items => Text(items[0], "state") == "pending");

        // What gathered comes when another key answers for it.
        var resumed = (await PostAsync(Path(endpoint, "resume"), caller: other)).Expect(200).Data;
        Assert.Equal((other.Id, "active", false), (Text(resumed, "keyId"), Text(resumed, "state"), resumed.TryGetProperty("pausedReason", out _)));
        await UntilAsync(endpoint, items => items.Any(item => Text(item, "state") == "delivered" && Text(item, "taskId") == waiting));

        // Who writes where it leads answers for it from then on; a description leads nowhere.
        var (writer, describer) = (await NamedAsync(Customer), await NamedAsync(Customer));
        (await Api.SendAsync(HttpMethod.Patch, Path(endpoint), describer.Key, """{"description":"mine"}""")).Expect(200);
        Assert.Equal(other.Id, Text(await ReadAsync(endpoint), "keyId"));
        (await Api.SendAsync(HttpMethod.Patch, Path(endpoint), writer.Key, $$"""{"url":"{{Receiver.Url("/elsewhere")}}"}""")).Expect(200);
        Assert.Equal(writer.Id, Text(await ReadAsync(endpoint), "keyId"));
        await RevokeAsync(writer.Id);
        Assert.Equal("paused", Text(await ReadAsync(endpoint), "state"));

        // To be told what tasks contain one must be allowed to read them.
        foreach (var scope in new[] { "generate", "read" })
        {
            var partial = await Api.CreateKeyAsync(Customer.AccountId, limits: new { scopes = new[] { scope } });
            Assert.Equal((403, "FORBIDDEN"), await RefusalAsync(PostAsync("/api/v1/webhooks", new { url = Receiver.Url() }, Customer with { Key = partial })));
        }

        async Task CreatedAsync()
        {
            var task = await StartAsync("[[refused]]");
            await UntilAsync(endpoint, items => items.Any(item => Text(item, "state") == "delivered" && Text(item, "taskId") == task));
        }
    }

    // A customer of its own, whose owner is told of everything, and a program or key that is told of its own task and batch.
    private async Task EndAsync(string end)
    {
        var owner = await Api.CreateCustomerAsync();
        var (name, watch) = ($"/ordered-{Array.IndexOf(Ends, end)}", $"/owner-{Array.IndexOf(Ends, end)}");
        (await PostAsync("/api/v1/webhooks", new { url = Receiver.Url(watch), events = new[] { "task.failed", "task.cancelled" } }, owner)).Expect(200);
        var limits = end == "key's expiry" ? new { expiresAt = Clock.GetUtcNow().AddHours(1) } : (object?)null;
        var granter = await NamedAsync(owner, limits);
        OAuthBrowser? browser = null;
        TokenAnswer? tokens = null;
        if (!end.StartsWith("key", StringComparison.Ordinal))
        {
            (browser, tokens) = await OAuthBrowser.ConnectAsync(Api, granter.Key);
        }

        using var _ = browser;
        var orderer = owner with { Key = tokens?.Access ?? granter.Key };
        var task = Text((await PostAsync("/api/v1/generate", new { model = "nano-banana-2-text-to-image", input = new { prompt = "[[never-finishes]]", resolution = "0.5K" }, webhookUrl = Receiver.Url(name) }, orderer)).Expect(200).Data, "id");
        var batch = Text((await PostAsync("/api/v1/batches", new { requests = new[] { Request("[[never-finishes]]") }, webhookUrl = Receiver.Url(name) }, orderer)).Expect(200).Data, "id");
        var host = (await Api.GetAsync(owner, "/api/v1/webhooks")).Expect(200).Data.GetProperty("webhooks").EnumerateArray().Single(item => Text(item, "kind") == "task");
        var told = await Until.SeesAsync(() => HostAsync(), items => items.Count == 2 && items.All(item => Text(item, "state") == "delivered"));

        switch (end)
        {
            case "itself":
                Assert.Equal(200, await browser!.RevokeAsync(tokens!.Access));
                break;
            case "operator":
                await RevokeAsync((await KeysAsync(owner)).Single(key => Text(key, "kind") == "grant").GetProperty("id").GetString()!, owner);
                break;
            case "rotation":
                (await Api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{owner.AccountId}/keys/{granter.Id}/rotate", new { graceSeconds = 0 })).Expect(200);
                break;
            case "granter" or "key":
                await RevokeAsync(granter.Id, owner);
                break;
            default:
                Clock.Advance(TimeSpan.FromHours(1.1));
                break;
        }

        // Time that has passed may have ended the task already; whatever its end is, the owner is told of it.
        await Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{task}", owner.Key);
        (await Api.SendAsync(HttpMethod.Post, $"/api/v1/batches/{batch}/cancel", owner.Key)).Expect(200);
        await Until.HoldsAsync(() => Receiver.All.Count(item => item.Path == watch) >= 2, () => Receiver.Received, what: $"the owner to be told after the end by {end}");
        var given = await Until.SeesAsync(() => HostAsync(), items => items.Count >= 4 && items.All(item => Text(item, "state") != "pending"), what: $"nothing pending after the end by {end}");

        Assert.Equal(told.Count, Receiver.All.Count(item => item.Path == name));
        Assert.All(given.Where(item => Text(item, "state") == "failed"), item => Assert.Contains("has ended", Text(item, "error"), StringComparison.Ordinal));
        Assert.Contains(given, item => Text(item, "type") == "batch.completed");
        foreach (var delivery in new[] { given[0], given[^1] })
        {
            Assert.Equal((409, "INVALID_OPERATION"), await RefusalAsync(PostAsync(Path(host, $"deliveries/{Text(delivery, "id")}/redeliver"), caller: owner)));
        }

        Assert.Equal(0, (await PostAsync(Path(host, "redeliver"), new { from = "2020-01-01T00:00:00Z" }, owner)).Expect(200).Data.GetProperty("redelivered").GetInt32());
        Assert.Equal("active", Text((await Api.GetAsync(owner, Path(host))).Expect(200).Data, "state"));

        async Task<List<JsonElement>> HostAsync() => [.. (await Api.GetAsync(owner, Path(host, "deliveries"))).Expect(200).Data.GetProperty("deliveries").EnumerateArray()];
    }

    private async Task<string> StartAsync(string prompt) => Text((await Api.GenerateAsync(Customer, Request(prompt))).Expect(200).Data, "id");

    // Another key of an account, with its id.
    private async Task<Named> NamedAsync(Customer customer, object? limits = null)
    {
        var key = await Api.CreateKeyAsync(customer.AccountId, limits: limits);
        var named = (await KeysAsync(customer)).Single(item => Text(item, "kind") == "key" && key.StartsWith(Text(item, "prefix"), StringComparison.Ordinal));
        return new Named(customer.AccountId, key, Text(named, "id"));
    }

    private async Task<List<JsonElement>> KeysAsync(Customer customer) =>
        [.. (await Api.OperateAsync(HttpMethod.Get, $"/admin/v1/accounts/{customer.AccountId}/keys")).Expect(200).Data.GetProperty("keys").EnumerateArray()];

    private async Task RevokeAsync(string id, Customer? customer = null) =>
        (await Api.OperateAsync(HttpMethod.Delete, $"/admin/v1/accounts/{(customer ?? Customer).AccountId}/keys/{id}")).Expect(200);

    private sealed record Named(string AccountId, string Key, string Id)
    {
        public static implicit operator Customer(Named named) => new(named.AccountId, named.Key);
    }
}

public sealed class SqliteOrderedWebhookTests : OrderedWebhookConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresOrderedWebhookTests : OrderedWebhookConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
