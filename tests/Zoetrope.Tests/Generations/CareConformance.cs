using System.Text.Json;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Generations;

/// <summary>Finding tasks again, keeping them together, and the end of what they made.</summary>
public abstract class CareConformance
{
    private const string Image = "nano-banana-2-text-to-image";

    private protected abstract SqlDialect Dialect { get; }

    [Fact]
    public async Task Tasks_are_found_by_words_time_family_star_and_collection()
    {
        var clock = new MovedClock();
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect, Time = clock });
        var api = zoetrope.Api;
        var (customer, other) = (await api.CreateCustomerAsync(), await api.CreateCustomerAsync());
        var fox = await MakeAsync(api, customer, "A red Fox, 100% wild_life in the snow");
        var wolf = await MakeAsync(api, customer, "A grey wolf in the snow");
        clock.Advance(TimeSpan.FromDays(2));
        var between = WireText(clock.GetUtcNow() - TimeSpan.FromDays(1));
        var bear = await MakeAsync(api, customer, "A brown bear", "flux-2-pro-text-to-image");
        var foreign = await MakeAsync(api, other, "A red fox");
        foreach (var (id, body) in new[] { (fox, """{"star":true,"collection":"canids"}"""), (wolf, """{"collection":"canids"}"""), (bear, """{"star":true}""") })
        {
            (await PatchAsync(api, customer, id, body)).Expect(200);
        }

        foreach (var (query, expected) in new (string, string[])[]
        {
            ("q=fox", [fox]), ("q=SNOW", [wolf, fox]), ("q=snow+grey", [wolf]), ("q=100%25", [fox]), ("q=wild_life", [fox]), ("q=wildxlife", []), ("q=hedgehog", []), ("q=", [bear, wolf, fox]),
            ($"from={between}", [bear]), ($"to={between}", [wolf, fox]), ($"from={between}&to={between}", []), ("family=flux-2-pro", [bear]), ("family=nano-banana-2&q=wolf", [wolf]),
            ($"model={Image}", [wolf, fox]), ($"family=flux-2-pro&model={Image}", []), ("star=true", [bear, fox]), ("star=false", [wolf]), ("collection=canids", [wolf, fox]), ("collection=Canids", []),
            ("collection=canids&star=true&q=fox", [fox]), ("type=image&status=completed&star=true", [bear, fox]),
        })
        {
            var found = await ListAsync(api, customer, query);
            Assert.True(Enumerable.SequenceEqual(expected, found), $"{query}: {string.Join(", ", found)}");
        }

        var paged = new List<string>();
        await foreach (var page in api.PagesAsync(customer, "/api/v1/tasks?star=true&limit=1"))
        {
            paged.AddRange(page.Data.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("id").GetString()!));
        }

        Assert.Equal([bear, fox], paged);
        foreach (var (query, field) in new[] { ("star=yes", "star"), ("from=yesterday", "from"), ("family=cats", "family"), ("q=a+b+c+d+e+f+g+h+i", "q") })
        {
            var wrong = await api.GetAsync(customer, $"/api/v1/tasks?{query}");
            Assert.Equal((400, "INVALID_PARAMETER", field), (wrong.Status, wrong.Code, wrong.Json.GetProperty("error").GetProperty("field").GetString()));
        }

        // What was marked shows, and is taken away again; a mark does not lose to what the task does meanwhile.
        var marked = (await api.GetAsync(customer, $"/api/v1/tasks/{fox}")).Expect(200).Data;
        Assert.Equal((true, "canids"), (marked.GetProperty("star").GetBoolean(), marked.GetProperty("collection").GetString()));
        var bare = (await PatchAsync(api, customer, fox, """{"star":false,"collection":null}""")).Expect(200).Data;
        Assert.False(bare.TryGetProperty("star", out _) || bare.TryGetProperty("collection", out _));
        foreach (var (caller, id) in new[] { (customer, foreign), (customer, "task_00000000000000000000000000"), (customer with { Key = await api.CreateKeyAsync(customer.AccountId, "live") }, fox) })
        {
            Assert.Equal((404, "TASK_NOT_FOUND"), Short(await PatchAsync(api, caller, id, """{"star":true}""")));
            Assert.Equal((404, "TASK_NOT_FOUND"), Short(await api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{id}/result", caller.Key)));
        }

        Assert.Equal((403, "FORBIDDEN"), Short(await PatchAsync(api, customer with { Key = await api.CreateKeyAsync(customer.AccountId, limits: new { scopes = new[] { "read" } }) }, fox, "{}")));
        Assert.Equal((400, "UNKNOWN_PARAMETER"), Short(await PatchAsync(api, customer, fox, """{"stars":1}""")));
    }

    [Fact]
    public async Task Tags_that_were_changed_find_a_task_and_those_of_its_request_count_it()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect });
        var api = zoetrope.Api;
        var customer = await api.CreateCustomerAsync();
        var id = (await api.GenerateAsync(customer, new { model = Image, prompt = "A fox", tags = new { team = "red" } })).Expect(200).Data.GetProperty("id").GetString()!;
        await api.WaitAsync(customer, id);

        Assert.Equal("""{"job":"7","team":"blue"}""", (await PatchAsync(api, customer, id, """{"tags":{"team":"blue","job":"7"}}""")).Expect(200).Data.GetProperty("tags").ToString());
        foreach (var (query, found) in new[] { ("tag=team:blue", true), ("tag=job:7", true), ("tag=team:red", false) })
        {
            Assert.Equal(found ? [id] : Array.Empty<string>(), await ListAsync(api, customer, query));
        }

        Assert.Equal("""{"job":"7","team":"blue"}""", (await PatchAsync(api, customer, id, """{"star":true}""")).Expect(200).Data.GetProperty("tags").ToString());
        var usage = await Until.SeesAsync(
            async () => (await api.GetAsync(customer, "/api/v1/usage?by=tag:team")).Expect(200).Text, text => text.Contains("red", StringComparison.Ordinal));
        Assert.DoesNotContain("blue", usage, StringComparison.Ordinal);

        Assert.False((await PatchAsync(api, customer, id, """{"tags":{}}""")).Expect(200).Data.TryGetProperty("tags", out _));
        Assert.Empty(await ListAsync(api, customer, "tag=job:7"));
        Assert.Equal("""{"team":"red"}""", (await PatchAsync(api, customer, id, """{"tags":null}""")).Expect(200).Data.GetProperty("tags").ToString());
        Assert.Equal([id], await ListAsync(api, customer, "tag=team:red"));
        foreach (var wrong in new[] { """{"tags":[1]}""", """{"tags":{"a":1}}""", """{"tags":{"a:b":"c"}}""", $$$"""{"tags":{{{{string.Join(',', Enumerable.Range(0, 9).Select(i => $"\"t{i}\":\"v\""))}}}}}""" })
        {
            Assert.Equal((400, "INVALID_PARAMETER"), Short(await PatchAsync(api, customer, id, wrong)));
        }
    }

    [Fact]
    public async Task A_deleted_result_is_gone_and_the_task_and_its_price_stay()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect });
        var api = zoetrope.Api;
        var customer = await api.CreateCustomerAsync();
        var kept = await MakeAsync(api, customer, "A fox that stays");
        var id = await MakeAsync(api, customer, "A fox that goes");
        var url = (await api.GetAsync(customer, $"/api/v1/tasks/{id}")).Expect(200).Data.GetProperty("result").GetProperty("url").GetString()!;
        var credits = await api.CreditsAsync(customer);
        (await api.SendAsync(new HttpRequestMessage(HttpMethod.Get, url))).Expect(200);

        var deleted = (await api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{id}/result", customer.Key)).Expect(200).Data;

        Assert.Equal((JsonValueKind.Null, "completed"), (deleted.GetProperty("result").ValueKind, deleted.GetProperty("status").GetString()));
        Assert.NotNull(deleted.GetProperty("resultDeletedAt").GetString());
        Assert.Equal((404, "FILE_NOT_FOUND"), Short(await api.SendAsync(new HttpRequestMessage(HttpMethod.Get, url))));
        Assert.Equal((404, "NO_RESULT"), Short(await api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{id}/result", customer.Key)));
        Assert.Equal((404, "NO_RESULT"), Short(await api.GetAsync(customer, $"/api/v1/tasks/{id}/download")));
        Assert.Equal(credits, await api.CreditsAsync(customer));
        Assert.NotEqual(JsonValueKind.Null, (await api.GetAsync(customer, $"/api/v1/tasks/{kept}")).Expect(200).Data.GetProperty("result").ValueKind);
    }

    [Fact]
    public async Task A_result_has_one_url_for_hours_so_that_browsers_keep_it()
    {
        var clock = new MovedClock();
        clock.Advance(TimeSpan.FromDays(1) - clock.GetUtcNow().TimeOfDay + TimeSpan.FromMinutes(1));
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect, Time = clock });
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var id = await MakeAsync(zoetrope.Api, customer, "A fox");
        async Task<string> UrlAsync() => (await zoetrope.Api.GetAsync(customer, $"/api/v1/tasks/{id}")).Expect(200).Data.GetProperty("result").GetProperty("url").GetString()!;

        var first = await UrlAsync();
        clock.Advance(TimeSpan.FromHours(5));
        Assert.Equal(first, await UrlAsync());
        using var http = new HttpClient();
        using var answer = await http.GetAsync(first, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal("private, max-age=21600, immutable", answer.Headers.NonValidated["Cache-Control"].ToString());
        clock.Advance(TimeSpan.FromHours(2));
        var second = await UrlAsync();
        Assert.NotEqual(first, second);

        // The first one lives for as long as the setting says, from whenever it was given.
        clock.Advance(TimeSpan.FromHours(22));
        (await zoetrope.Api.SendAsync(new HttpRequestMessage(HttpMethod.Get, first))).Expect(200);
        clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal("INVALID_SIGNATURE", (await zoetrope.Api.SendAsync(new HttpRequestMessage(HttpMethod.Get, first))).Code);
    }

    private static async Task<string> MakeAsync(ZoetropeApi api, Customer customer, string prompt, string model = Image)
    {
        var id = (await api.GenerateAsync(customer, new { model, prompt })).Expect(200).Data.GetProperty("id").GetString()!;
        await api.WaitAsync(customer, id);
        return id;
    }

    private static Task<Reply> PatchAsync(ZoetropeApi api, Customer customer, string id, string body) =>
        api.SendAsync(HttpMethod.Patch, $"/api/v1/tasks/{id}", customer.Key, body);

    private static async Task<string[]> ListAsync(ZoetropeApi api, Customer customer, string query) =>
        [.. (await api.GetAsync(customer, $"/api/v1/tasks?{query}")).Expect(200).Data.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("id").GetString()!)];

    private static string WireText(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static (int, string?) Short(Reply reply) => (reply.Status, reply.Code);
}

public sealed class SqliteCareTests : CareConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresCareTests : CareConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
