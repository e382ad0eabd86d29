using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Tests.Doors.Mcp;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>null, "" and [] are no value at every door, and a list may be sent as text: clients that serve many models send all they know.</summary>
public sealed class AbsentValueTests : IAsyncLifetime
{
    private const string Model = "nano-banana-text-to-image";
    private const string FromImage = "nano-banana-image-to-image";

    private static readonly string[] Absent = ["null", "\"\"", "[]"];

    private TestZoetrope _zoetrope = null!;
    private Customer _customer = null!;

    private ZoetropeApi Api => _zoetrope.Api;

    public async ValueTask InitializeAsync()
    {
        _zoetrope = await TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { ["Providers:sandbox:Concurrency"] = "0" } });
        _customer = await Api.CreateCustomerAsync();
    }

    public ValueTask DisposeAsync() => _zoetrope.DisposeAsync();

    [Theory]
    [InlineData("/api/v1/estimate", """{"model":"nano-banana-text-to-image","prompt":"a","input":{"aspect_ratio":?,"image_urls":?,"video_url":?,"seed":?},"webhookUrl":?}""", null)]
    [InlineData("/api/v1/estimate", """{"model":"nano-banana-text-to-image","prompt":?,"input":{"prompt":"a"},"duration":?,"image":?}""", null)]
    [InlineData("/api/v1/estimate", """{"model":"nano-banana-text-to-image","prompt":"a","options":{"aspectRatio":?,"image":?}}""", null)]
    [InlineData("/api/v1/estimate", """{"model":"nano-banana","prompt":"a","options":{"image":?}}""", null)]
    [InlineData("/api/v1/generate", """{"model":"nano-banana-text-to-image","prompt":"a","input":{"aspect_ratio":?,"image_urls":?},"webhookUrl":?}""", null)]
    [InlineData("/api/v1/generate", """{"model":?,"prompt":"a"}""", "MISSING_MODEL")]
    [InlineData("/api/v1/generate", """{"model":"nano-banana-text-to-image","prompt":?}""", "MISSING_PROMPT")]
    [InlineData("/api/v1/generate", """{"model":"nano-banana-text-to-image","input":"","options":null,"prompt":?}""", "MISSING_PROMPT")]
    [InlineData("/api/v1/generate", """{"model":"nano-banana-image-to-image","prompt":"a","input":{"image_urls":?}}""", "MISSING_PARAMETER")]
    [InlineData("/api/v1/generate", """{"model":"nano-banana-text-to-image","prompt":"a","input":{"aspekt_ratio":?}}""", "UNKNOWN_PARAMETER")]
    [InlineData("/api/v1/batches", """{"requests":[{"model":"nano-banana-text-to-image","prompt":"a","input":{"image_urls":?}}],"webhookUrl":?}""", null)]
    [InlineData("/api/v1/batches", """{"requests":?}""", "MISSING_PARAMETER")]
    [InlineData("/api/v1/tools/upscale-image", """{"image_url":?,"upscale_factor":"2"}""", "MISSING_PARAMETER")]
    [InlineData("/api/v1/webhooks", """{"url":"https://example.com/hook","events":?,"description":?}""", null)]
    [InlineData("/api/v1/webhooks", """{"url":?}""", "MISSING_PARAMETER")]
    [InlineData("/api/v1/upload", """{"contentType":"image/png","sizeBytes":?}""", null)]
    [InlineData("/api/v1/upload", """{"contentType":?}""", "MISSING_PARAMETER")]
    [InlineData("/v1/videos", """{"model":"seedance-2-0-mini","prompt":"a","n":?,"size":?,"seconds":?,"quality":?,"input_reference":?,"background":?,"output_format":?,"user":?}""", null)]
    [InlineData("/v1/videos", """{"model":?,"prompt":"a"}""", "missing_model")]
    [InlineData("/v1/videos", """{"model":"seedance-2-0-mini","prompt":?}""", "missing_prompt")]
    [InlineData("/v1/images/edits", """{"model":"nano-banana","prompt":"a","image":?}""", "missing_parameter")]
    public async Task No_value_is_no_field(string path, string body, string? code)
    {
        foreach (var value in Absent)
        {
            var reply = await Api.SendAsync(HttpMethod.Post, path, _customer.Key, body.Replace("?", value, StringComparison.Ordinal));

            Assert.True(reply.Code == code && (code is null) == (reply.Status == 200), $"{value}: {reply.Status} {reply.Text}");
        }
    }

    [Fact]
    public async Task Tools_take_the_same_and_lists_as_text()
    {
        await using var client = await McpClients.ConnectAsync(Api, _customer.Key);
        var image = await Api.UploadAsync(_customer, Artifacts.Media.TestMedia.Image(1024, 768), "image/png");
        foreach (var value in Absent)
        {
            var none = JsonNode.Parse(value);
            JsonNode? None() => none?.DeepClone();
            var estimate = new JsonObject { ["model"] = Model, ["prompt"] = "a", ["aspect_ratio"] = None(), ["image_urls"] = None(), ["video_url"] = None(), ["duration"] = None(), ["extra"] = None() };
            Assert.Equal(Model, (await client.CallAsync("estimate", estimate)).Data().GetProperty("model").GetString());
            Assert.NotEmpty((await client.CallAsync("list_tasks", new JsonObject { ["status"] = None(), ["model"] = None(), ["type"] = None(), ["limit"] = None(), ["cursor"] = None() })).Data().GetProperty("tasks").GetRawText());
            Assert.NotEmpty((await client.CallAsync("vicsee_list_models", new JsonObject { ["type"] = None(), ["model"] = None() })).Data().GetProperty("models").GetRawText());
            Assert.Equal("MISSING_PARAMETER", (await client.CallAsync("vicsee_get_task", new JsonObject { ["task_id"] = None(), ["wait_seconds"] = None() })).Code());
            var made = (await client.CallAsync("vicsee_generate", new JsonObject { ["model"] = Model, ["prompt"] = "a", ["idempotency_key"] = None(), ["image_urls"] = None() })).Data();
            Assert.Equal(JsonValueKind.String, made.GetProperty("id").ValueKind);
            Assert.Equal("MISSING_PARAMETER", (await client.CallAsync("vicsee_upscale_image", new JsonObject { ["image_url"] = None() })).Code());
        }

        foreach (var text in new[] { JsonSerializer.Serialize(new[] { image }), $" [ {JsonSerializer.Serialize(image)} ]" })
        {
            var priced = (await client.CallAsync("estimate", new { model = FromImage, prompt = "a", image_urls = text })).Data();
            Assert.Equal(FromImage, priced.GetProperty("model").GetString());
        }

        Assert.Equal("MISSING_PARAMETER", (await client.CallAsync("estimate", new { model = FromImage, prompt = "a", image_urls = "[]" })).Code());
        Assert.Equal(Model, (await client.CallAsync("estimate", new { model = Model, prompt = "a", extra = """{"aspect_ratio":"16:9"}""" })).Data().GetProperty("model").GetString());
        Assert.Equal("test", (await client.CallAsync("vicsee_get_credits", new { random_string = "x", dummy = 1 })).Data().GetProperty("mode").GetString());
    }

    [Theory]
    [InlineData("/api/v1/estimate", """{"model":"nano-banana-image-to-image","prompt":"a","input":{"image_urls":"[\"?\"]"}}""", 200)]
    [InlineData("/api/v1/estimate", """{"model":"nano-banana-image-to-image","prompt":"a","input":{"image_urls":"[\"?\""}}""", 400)]
    [InlineData("/api/v1/webhooks", """{"url":"https://example.com/hook","events":"[\"task.completed\"]"}""", 200)]
    public async Task A_list_may_be_sent_as_text(string path, string body, int status)
    {
        var image = await Api.UploadAsync(_customer, Artifacts.Media.TestMedia.Image(1024, 768), "image/png");

        (await Api.SendAsync(HttpMethod.Post, path, _customer.Key, body.Replace("?", image, StringComparison.Ordinal))).Expect(status);
    }

    [Theory]
    [InlineData("1.0", 200)]
    [InlineData("\"1.0\"", 200)]
    [InlineData("1", 200)]
    [InlineData("1.5", 400)]
    [InlineData("-1", 400)]
    [InlineData("1e999", 400)]
    public async Task A_whole_number_may_be_written_with_a_point(string n, int status) =>
        (await Api.SendAsync(HttpMethod.Post, "/v1/videos", _customer.Key, $$"""{"model":"seedance-2-0-mini","prompt":"a","n":{{n}},"seconds":4.0}""")).Expect(status);

    [Fact]
    public async Task An_emoji_is_one_character()
    {
        var most = _zoetrope.Services.GetService(typeof(Zoetrope.Server.Catalog.CatalogHolder)) is Zoetrope.Server.Catalog.CatalogHolder holder ? holder.Current.Find(Model)!.Prompt.MaxLength : 0;
        var full = string.Concat(Enumerable.Repeat("🦊", most));

        (await Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", _customer.Key, JsonSerializer.Serialize(new { model = Model, prompt = full }))).Expect(200);
        var refused = (await Api.SendAsync(HttpMethod.Post, "/api/v1/estimate", _customer.Key, JsonSerializer.Serialize(new { model = Model, prompt = full + "a" }))).Expect(400);

        Assert.Contains($"has {most + 1} characters", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task To_the_operator_a_list_of_nothing_is_not_everything()
    {
        var refused = await Api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{_customer.AccountId}/keys", new { name = "A", mode = "test", scopes = Array.Empty<string>() });

        Assert.Equal((400, "INVALID_PARAMETER"), (refused.Status, refused.Code));
    }
}
