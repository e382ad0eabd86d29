using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Doors.Mcp;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>Tags and users at every door, one server for all cases, on both databases.</summary>
public abstract class TagConformance : IAsyncLifetime
{
    private const string Model = "nano-banana-text-to-image";
    private const string Tags = """{"job":"7","team":"red"}""";

    private TestZoetrope _zoetrope = null!;
    private Customer _customer = null!;

    private protected abstract SqlDialect Dialect { get; }

    private ZoetropeApi Api => _zoetrope.Api;

    public async ValueTask InitializeAsync()
    {
        _zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect });
        _customer = await Api.CreateCustomerAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _zoetrope.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Every_door_keeps_them_from_the_body_and_from_headers()
    {
        var png = $"data:image/png;base64,{Convert.ToBase64String(File.ReadAllBytes(TestMedia.Png))}";
        var doors = new (string Path, JsonObject Body, bool IsOpenAi)[]
        {
            ("/api/v1/generate", Body(new { model = Model, prompt = "A fox" }), false),
            ("/api/v1/tools/upscale-image", Body(new { image_url = png, upscale_factor = "1" }), false),
            ("/v1/videos", Body(new { model = "seedance-2-0", prompt = "A fox", seconds = "4" }), true),
        };
        foreach (var (path, body, isOpenAi) in doors)
        {
            body["user"] = "alice";
            body[isOpenAi ? "metadata" : "tags"] = Body(new { team = "red", job = "7" });
            Check(await TaskAsync(await SendAsync(path, body.ToJsonString())), "alice");

            body.Remove(isOpenAi ? "metadata" : "tags");
            body.Remove("user");
            Check(await TaskAsync(await SendAsync(path, body.ToJsonString(), "team=red, job=7", "bob")), "bob");

            var plain = await TaskAsync(await SendAsync(path, body.ToJsonString()));
            Assert.False(plain.TryGetProperty("tags", out _) || plain.TryGetProperty("user", out _), path);
        }

        await using var client = await McpClients.ConnectAsync(Api, _customer.Key, headers: new Dictionary<string, string> { ["X-Zoetrope-Tags"] = "job=7", ["X-Zoetrope-User"] = "carol" });
        var made = (await client.CallAsync("vicsee_generate", new { model = Model, prompt = "A fox", tags = new { team = "red" }, user = "alice" })).Data();
        Check(await ReadAsync(made.GetProperty("id").GetString()!), "alice");
        var upscaled = (await client.CallAsync("vicsee_upscale_image", new { image_url = png, tags = new { team = "red" } })).Data();
        Check(await ReadAsync(upscaled.GetProperty("id").GetString()!), "carol");

        // An image of the OpenAI door is answered with its file; the list knows its task.
        (await SendAsync("/v1/images/generations", """{"model":"flux-2-pro","prompt":"An only fox","user":"dora","metadata":{"team":"red","job":"7","too:much":"x","page":"https://example.com/a"},"n":2}""")).Expect(200);
        var both = (await Api.GetAsync(_customer, "/api/v1/tasks?user=dora")).Expect(200).Data.GetProperty("tasks").EnumerateArray().ToList();
        Assert.Equal(2, both.Count);
        Assert.All(both, task => Assert.Equal("""{"job":"7","page":"https://example.com/a","team":"red"}""", task.GetProperty("tags").GetRawText()));
    }

    [Fact]
    public async Task The_body_wins_over_the_header_and_a_batch_has_them_for_each_request()
    {
        var one = await TaskAsync(await SendAsync("/api/v1/generate", $$"""{"model":"{{Model}}","prompt":"A fox","tags":{"team":"red"},"user":"alice"}""", "team=blue,job=7", "bob"));
        Check(one, "alice");

        var batch = (await SendAsync(
            "/api/v1/batches",
            $$"""{"requests":[{"model":"{{Model}}","prompt":"A fox","tags":{"job":"7"} },{"model":"{{Model}}","prompt":"A fox","user":"alice","tags":{"job":"8","team":"blue"} }]}""",
            "team=red",
            "bob")).Expect(200).Data;
        var ids = batch.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("taskId").GetString()!).ToList();
        Check(await ReadAsync(ids[0]), "bob");
        var second = await ReadAsync(ids[1]);
        Assert.Equal(("""{"job":"8","team":"blue"}""", "alice"), (second.GetProperty("tags").GetRawText(), second.GetProperty("user").GetString()));
    }

    [Fact]
    public async Task What_cannot_be_one_is_refused_by_its_field_and_costs_nothing()
    {
        (string Fields, string? Tags, string? User, string Field)[] cases =
        [
            ("""{"tags":"red"}""", null, null, "tags"),
            ("""{"tags":{"team":7}}""", null, null, "tags"),
            ("""{"tags":"{\"team\":\"red\",\"team\":\"blue\"}"}""", null, null, "tags"),
            ("""{"tags":"{\"\\ud800\":\"red\"}"}""", null, null, "tags"),
            ("""{"tags":{"":"red"}}""", null, null, "tags"),
            ("""{"tags":{"a=b":"red"}}""", null, null, "tags"),
            ("""{"tags":{"a:b":"red"}}""", null, null, "tags"),
            ("""{"tags":{"team":" "}}""", null, null, "tags.team"),
            ("""{"tags":{"team":"a\u0007b"}}""", null, null, "tags.team"),
            ("""{"tags":{"a":"1","b":"1","c":"1","d":"1","e":"1","f":"1","g":"1","h":"1","i":"1"}}""", null, null, "tags"),
            ("""{"tags":{"a":"1","b":"1","c":"1","d":"1","e":"1","f":"1","g":"1","h":"1"}}""", "i=1", null, "tags"),
            ("""{"user":7}""", null, null, "user"),
            ("""{"user":"  "}""", null, null, "user"),
            ("{}", "team", null, "X-Zoetrope-Tags"),
            ("{}", "team=red,team=blue", null, "X-Zoetrope-Tags"),
            ("{}", "a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1", null, "X-Zoetrope-Tags"),
            ("{}", null, " ", "X-Zoetrope-User"),
        ];
        foreach (var (fields, tags, user, field) in cases)
        {
            var body = JsonNode.Parse(fields)!.AsObject();
            body["model"] = Model;
            body["prompt"] = "A fox";

            var refused = await SendAsync("/api/v1/generate", body.ToJsonString(), tags, user);

            Assert.Equal((fields, "INVALID_PARAMETER", field), (fields, refused.Code, refused.Json.GetProperty("error").GetProperty("field").GetString()));
        }

        var longest = new string('x', 129);
        foreach (var (path, tooLong) in new[] { ("/api/v1/generate", $$"""{"model":"{{Model}}","prompt":"A fox","user":"{{longest}}"}"""), ("/v1/videos", $$"""{"model":"seedance-2-0","prompt":"A fox","user":"{{longest}}"}""") })
        {
            Assert.Equal(400, (await SendAsync(path, tooLong)).Status);
        }

        Assert.Equal(1_000_000, await Api.CreditsAsync(_customer));
    }

    [Fact]
    public async Task Lists_find_them_page_by_page_and_other_tags_are_another_request_under_a_key()
    {
        for (var i = 0; i < 5; i++)
        {
            (await SendAsync("/api/v1/generate", $$"""{"model":"{{Model}}","prompt":"A fox","tags":{"n":"{{i}}","team":"{{(i % 2 == 0 ? "red" : "blue")}}"},"user":"{{(i < 2 ? "alice" : "bob")}}"}""")).Expect(200);
        }

        Assert.Equal(["4", "2", "0"], await NumbersAsync("tag=team:red&limit=2"));
        Assert.Equal(["1", "0"], await NumbersAsync("user=alice&limit=1"));
        Assert.Equal(["2"], await NumbersAsync("tag=team:red&user=bob&limit=1&model=" + Model, take: 1, skip: 1));
        Assert.Empty(await NumbersAsync("tag=team:green"));
        Assert.Empty(await NumbersAsync("member=nobody"));
        Assert.Equal("INVALID_PARAMETER", (await Api.GetAsync(_customer, "/api/v1/tasks?tag=team")).Code);

        var body = $$"""{"model":"{{Model}}","prompt":"A fox","tags":{"team":"red"} }""";
        var first = await SendAsync("/api/v1/generate", body, "job=7", null, "k");
        Assert.Equal(first.Text, (await SendAsync("/api/v1/generate", body, " job = 7 ", null, "k")).Text);
        Assert.Equal("IDEMPOTENCY_MISMATCH", (await SendAsync("/api/v1/generate", body.Replace("red", "blue", StringComparison.Ordinal), "job=7", null, "k")).Code);
        Assert.Equal("IDEMPOTENCY_MISMATCH", (await SendAsync("/api/v1/generate", body, "job=8", null, "k")).Code);
        Assert.Equal("IDEMPOTENCY_MISMATCH", (await SendAsync("/api/v1/generate", body, "job=7", "bob", "k")).Code);
        Assert.Equal("IDEMPOTENCY_MISMATCH", (await SendAsync("/api/v1/generate", body, null, null, "k")).Code);
    }

    [Fact]
    public async Task Events_show_them_and_another_account_finds_nothing()
    {
        await using var events = await EventReader.OpenAsync(Api, _customer, "/api/v1/events");
        (await SendAsync("/api/v1/generate", $$"""{"model":"{{Model}}","prompt":"A fox","tags":{"team":"red","job":"7"},"user":"alice"}""")).Expect(200);
        Check((await events.NextAsync())!.Task, "alice");

        var other = await Api.CreateCustomerAsync();
        Assert.Empty((await Api.GetAsync(other, "/api/v1/tasks?tag=team:red")).Expect(200).Data.GetProperty("tasks").EnumerateArray());
        Assert.Empty((await Api.GetAsync(other, "/api/v1/tasks?user=alice")).Expect(200).Data.GetProperty("tasks").EnumerateArray());
    }

    private static JsonObject Body(object body) => JsonSerializer.SerializeToNode(body)!.AsObject();

    private static void Check(JsonElement task, string user)
    {
        Assert.Equal(Tags, task.GetProperty("tags").GetRawText());
        Assert.Equal(user, task.GetProperty("user").GetString());
    }

    private async Task<List<string>> NumbersAsync(string query, int take = 9, int skip = 0)
    {
        var found = new List<string>();
        await foreach (var page in Api.PagesAsync(_customer, $"/api/v1/tasks?{query}"))
        {
            found.AddRange(page.Data.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("tags").GetProperty("n").GetString()!));
        }

        return [.. found.Skip(skip).Take(take)];
    }

    private async Task<JsonElement> TaskAsync(Reply reply)
    {
        var json = reply.Expect(200).Json;
        return await ReadAsync((json.TryGetProperty("data", out var data) ? data : json).GetProperty("id").GetString()!);
    }

    private async Task<JsonElement> ReadAsync(string id) => (await Api.GetAsync(_customer, $"/api/v1/tasks/{id}")).Expect(200).Data;

    private async Task<Reply> SendAsync(string path, string body, string? tags = null, string? user = null, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _customer.Key);
        foreach (var (name, value) in new[] { ("X-Zoetrope-Tags", tags), ("X-Zoetrope-User", user), ("Idempotency-Key", key) })
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return await Api.SendAsync(request);
    }
}

public sealed class SqliteTagTests : TagConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresTagTests : TagConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
