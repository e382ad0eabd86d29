using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Mcp;

/// <summary>The tools, called by the official C# client over HTTP.</summary>
public sealed class McpToolTests(McpToolTests.Server server) : IClassFixture<McpToolTests.Server>
{
    private const string Image = "nano-banana-text-to-image";

    private static readonly string[] AllTools =
    [
        "cancel_task", "estimate", "generate_and_wait", "list_tasks", "vicsee_generate", "vicsee_get_credits", "vicsee_get_task", "vicsee_list_models",
        "vicsee_upscale_image", "vicsee_upscale_video",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ZoetropeApi Api => server.Zoetrope.Api;

    [Theory]
    [InlineData("/mcp")]
    [InlineData("/")]
    public async Task The_tools_are_listed_with_schemas_annotations_and_the_limits_of_the_catalogue(string path)
    {
        var customer = await Api.CreateCustomerAsync();
        await using var client = await McpClients.ConnectAsync(Api, customer.Key, path: path);

        var tools = await client.ListToolsAsync(cancellationToken: Cancellation);

        Assert.Equal(AllTools, tools.Select(tool => tool.Name).Order(StringComparer.Ordinal));
        Assert.All(tools, tool =>
        {
            Assert.Equal("object", tool.ProtocolTool.InputSchema.GetProperty("type").GetString());
            Assert.Equal("object", tool.ProtocolTool.OutputSchema!.Value.GetProperty("type").GetString());
            Assert.NotNull(tool.ProtocolTool.Annotations?.ReadOnlyHint);

            // Hosts cut longer ones.
            Assert.InRange(tool.Description!.Length, 20, 2_000);
        });
        var generate = tools.Single(tool => tool.Name == "vicsee_generate").ProtocolTool.InputSchema.GetProperty("properties");
        Assert.Contains("seedance-2-0-(text-to-video|image-to-video|reference-to-video)", generate.GetProperty("model").GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.Contains("at most 7 (seedance-2-0, seedance-2-0-fast, seedance-2-0-mini", generate.GetProperty("reference_image_urls").GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.Equal("zoetrope", client.ServerInfo!.Name);

        // Every conversation carries them all: some 5,000 tokens.
        Assert.InRange(tools.Sum(tool => tool.Description!.Length + tool.ProtocolTool.InputSchema.GetRawText().Length), 1_000, 24_000);
    }

    [Fact]
    public async Task A_generation_is_started_awaited_and_shown()
    {
        var customer = await Api.CreateCustomerAsync();
        await using var client = await McpClients.ConnectAsync(Api, customer.Key);

        var created = (await client.CallAsync("vicsee_generate", new { model = Image, prompt = "a red fox", aspect_ratio = "16:9" })).Data();
        Assert.Equal("pending", created.GetProperty("status").GetString());
        var read = await client.CallAsync("vicsee_get_task", new { task_id = created.GetProperty("id").GetString(), wait_seconds = 45 });

        var task = read.Data();
        Assert.Equal("completed", task.GetProperty("status").GetString());
        Assert.True(JsonElement.DeepEquals(task, JsonElement.Parse(read.Content.OfType<TextContentBlock>().First().Text)));
        var link = Assert.Single(read.Content.OfType<ResourceLinkBlock>());
        Assert.Equal(task.GetProperty("result").GetProperty("bytes").GetInt64(), (await Api.DownloadAsync(link.Uri)).Length);
        var picture = Assert.Single(read.Content.OfType<ImageContentBlock>());
        Assert.Equal("image/jpeg", picture.MimeType);
        Assert.InRange(picture.DecodedData.Length, 500, 40_000);
        var seen = await FfProbe.ReadAsync(picture.DecodedData.ToArray());
        Assert.Equal((256, true), (seen.Width, seen.Height is > 100 and < 256));
    }

    [Fact]
    public async Task Waiting_tells_the_progress_and_answers_with_the_result()
    {
        var customer = await Api.CreateCustomerAsync();
        await using var client = await McpClients.ConnectAsync(Api, customer.Key);
        var told = new List<ProgressNotificationValue>();

        var result = await client.CallToolAsync(
            "generate_and_wait",
            McpClients.Arguments(new { model = Image, prompt = "a red fox [[slow:3s]]" }),
            new Listener(told),
            cancellationToken: Cancellation);

        Assert.Equal("completed", result.Data().GetProperty("status").GetString());
        Assert.Single(result.Content.OfType<ResourceLinkBlock>());
        lock (told)
        {
            Assert.NotEmpty(told);
            Assert.All(told, value => Assert.Contains(result.Data().GetProperty("id").GetString()!, value.Message, StringComparison.Ordinal));
            Assert.Equal(told.Count, told.Select(value => value.Progress).Distinct().Count());
        }
    }

    [Fact]
    public async Task A_task_that_takes_longer_is_answered_as_a_handle_and_can_be_cancelled()
    {
        var customer = await Api.CreateCustomerAsync(credits: 1_000);
        await using var client = await McpClients.ConnectAsync(Api, customer.Key);

        var result = await client.CallAsync("generate_and_wait", new { model = Image, prompt = "[[never-finishes]]", wait_seconds = 0.2 });
        var id = result.Data().GetProperty("id").GetString();
        Assert.Contains(result.Data().GetProperty("status").GetString(), new[] { "pending", "processing" });
        Assert.Contains($"vicsee_get_task with task_id {id}", result.Text(), StringComparison.Ordinal);

        var cancelled = (await client.CallAsync("cancel_task", new { task_id = id })).Data();
        Assert.Equal("CANCELLED", cancelled.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(1_000, (await client.CallAsync("vicsee_get_credits", new { })).Data().GetProperty("credits").GetInt64());
        Assert.Equal("INVALID_OPERATION", (await client.CallAsync("cancel_task", new { task_id = (await RunAsync(client)).GetProperty("id").GetString() })).Code());
    }

    [Fact]
    public async Task A_failed_generation_is_a_failed_call_with_its_reason()
    {
        var customer = await Api.CreateCustomerAsync();
        await using var client = await McpClients.ConnectAsync(Api, customer.Key);

        var result = await client.CallAsync("generate_and_wait", new { model = Image, prompt = "[[moderated]]" });

        Assert.Equal("CONTENT_REFUSED", result.Code());
        Assert.Equal("failed", result.StructuredContent!.Value.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Upscales_and_estimates_say_what_they_found_and_cost()
    {
        var customer = await Api.CreateCustomerAsync();
        await using var client = await McpClients.ConnectAsync(Api, customer.Key);
        var image = await Api.UploadAsync(customer, TestMedia.Image(640, 480), "image/png");

        var upscale = (await client.CallAsync("vicsee_upscale_image", new { image_url = image, upscale_factor = "2" })).Data();
        var estimate = (await client.CallAsync("estimate", new { model = "topaz-image-upscale", extra = new { image_url = image, upscale_factor = "2" } })).Data();

        Assert.Equal("640×480", upscale.GetProperty("input").GetProperty("detected_dimensions").GetString());
        Assert.Equal(upscale.GetProperty("creditsUsed").GetInt64(), estimate.GetProperty("credits").GetInt64());
        Assert.Equal(1280, estimate.GetProperty("output").GetProperty("width").GetInt32());
        Assert.Equal("completed", (await Api.WaitAsync(customer, upscale.GetProperty("id").GetString()!)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Models_are_listed_in_short_and_one_in_full()
    {
        var customer = await Api.CreateCustomerAsync();
        await using var client = await McpClients.ConnectAsync(Api, customer.Key);

        var all = await client.CallAsync("vicsee_list_models", new { });
        var videos = (await client.CallAsync("vicsee_list_models", new { type = "video" })).Data().GetProperty("models");
        var one = (await client.CallAsync("vicsee_list_models", new { model = Image })).Data().GetProperty("models");

        Assert.True(all.Data().GetProperty("models").GetArrayLength() > videos.GetArrayLength());
        Assert.All(videos.EnumerateArray(), model => Assert.Equal("video", model.GetProperty("type").GetString()));
        Assert.True(Assert.Single(one.EnumerateArray()).GetProperty("inputSchema").TryGetProperty("properties", out _));
        Assert.True(one[0].GetProperty("available").GetBoolean());
        Assert.Equal('[', all.Text()[0]);
        Assert.Equal("INVALID_MODEL", (await client.CallAsync("vicsee_list_models", new { model = "nano-bananas" })).Code());
    }

    [Fact]
    public async Task The_same_key_makes_nothing_twice_here_and_over_REST()
    {
        var customer = await Api.CreateCustomerAsync(credits: 1_000);
        await using var client = await McpClients.ConnectAsync(Api, customer.Key);
        var call = new { model = Image, prompt = "a red fox", idempotency_key = "k-1" };

        var first = (await client.CallAsync("vicsee_generate", call)).Data();
        var again = (await client.CallAsync("vicsee_generate", call)).Data();
        var rest = (await Api.GenerateAsync(customer, new { model = Image, input = new { prompt = "a red fox" } }, "k-1")).Expect(200).Data;
        var other = await client.CallAsync("vicsee_generate", new { model = Image, prompt = "a blue fox", idempotency_key = "k-1" });

        Assert.Equal(first.GetRawText(), again.GetRawText());
        Assert.Equal(first.GetProperty("id").GetString(), rest.GetProperty("id").GetString());
        Assert.Equal("IDEMPOTENCY_MISMATCH", other.Code());
        Assert.Equal("INVALID_IDEMPOTENCY_KEY", (await client.CallAsync("vicsee_generate", new { model = Image, prompt = "a", idempotency_key = new string('k', 256) })).Code());
        await Api.WaitAsync(customer, first.GetProperty("id").GetString()!);
        Assert.Equal(1_000 - first.GetProperty("creditsUsed").GetInt64(), await Api.CreditsAsync(customer));
    }

    [Theory]
    [InlineData("vicsee_generate", """{"model":"nano-banana-image-to-image","prompt":"a","image_urls":["/home/me/cat.png"]}""", "LOCAL_FILE_UNSUPPORTED")]
    [InlineData("vicsee_generate", """{"model":"nano-banana-image-to-image","prompt":"a","image_urls":["C:\\cat.png"]}""", "LOCAL_FILE_UNSUPPORTED")]
    [InlineData("vicsee_generate", """{"model":"x","extra":{"video_url":"file:///etc/passwd"}}""", "LOCAL_FILE_UNSUPPORTED")]
    [InlineData("vicsee_upscale_video", """{"video_url":"clip.mp4"}""", "LOCAL_FILE_UNSUPPORTED")]
    [InlineData("vicsee_upscale_image", """{"image_url":"https://169.254.169.254/a.png"}""", "URL_NOT_ALLOWED")]
    [InlineData("vicsee_generate", """{"prompt":"a"}""", "MISSING_MODEL")]
    [InlineData("vicsee_generate", """{"model":["a"]}""", "INVALID_MODEL")]
    [InlineData("vicsee_generate", """{"model":"no-such-model","prompt":"a"}""", "INVALID_MODEL")]
    [InlineData("vicsee_generate", """{"model":"nano-banana-text-to-image"}""", "MISSING_PROMPT")]
    [InlineData("vicsee_generate", """{"model":"nano-banana-text-to-image","prompt":{"a":1}}""", "INVALID_PARAMETER")]
    [InlineData("vicsee_generate", """{"model":"nano-banana-text-to-image","prompt":"a","aspekt_ratio":"1:1"}""", "UNKNOWN_PARAMETER")]
    [InlineData("vicsee_generate", """{"model":"nano-banana-text-to-image","prompt":"a","extra":[1]}""", "INVALID_PARAMETER")]
    [InlineData("generate_and_wait", """{"model":"nano-banana-text-to-image","prompt":"a","wait_seconds":600}""", "INVALID_PARAMETER")]
    [InlineData("vicsee_get_task", """{}""", "MISSING_PARAMETER")]
    [InlineData("vicsee_get_task", """{"task_id":5}""", "INVALID_PARAMETER")]
    [InlineData("vicsee_get_task", """{"task_id":"task_00000000000000000000000000"}""", "TASK_NOT_FOUND")]
    [InlineData("vicsee_get_task", """{"task_id":"../../etc/passwd"}""", "TASK_NOT_FOUND")]
    [InlineData("cancel_task", """{"task_id":"' or 1=1 --"}""", "TASK_NOT_FOUND")]
    [InlineData("list_tasks", """{"status":"melted"}""", "INVALID_PARAMETER")]
    [InlineData("list_tasks", """{"cursor":"nonsense"}""", "INVALID_CURSOR")]
    [InlineData("list_tasks", """{"colour":"red"}""", "UNKNOWN_PARAMETER")]
    [InlineData("vicsee_get_credits", """{"account":"another"}""", "UNKNOWN_PARAMETER")]
    [InlineData("vicsee_list_models", """{"type":"smell"}""", "INVALID_PARAMETER")]
    public async Task What_is_wrong_is_refused_by_its_code(string tool, string arguments, string code)
    {
        var customer = await Api.CreateCustomerAsync(credits: 500);
        await using var client = await McpClients.ConnectAsync(Api, customer.Key);

        Assert.Equal(code, (await client.CallAsync(tool, JsonElement.Parse(arguments))).Code());
        Assert.Equal(500, await Api.CreditsAsync(customer));
    }

    [Fact]
    public async Task The_limits_of_the_key_and_the_account_hold()
    {
        var poor = await Api.CreateCustomerAsync(credits: 1);
        var busy = await Api.CreateCustomerAsync(keyLimits: new { inFlightLimit = 1 });
        var reader = await Api.CreateCustomerAsync(keyLimits: new { scopes = new[] { "read" } });
        await using var first = await McpClients.ConnectAsync(Api, poor.Key);
        await using var second = await McpClients.ConnectAsync(Api, busy.Key);
        await using var third = await McpClients.ConnectAsync(Api, reader.Key);

        Assert.Equal("INSUFFICIENT_CREDITS", (await first.CallAsync("generate_and_wait", new { model = Image, prompt = "a" })).Code());
        var id = (await second.CallAsync("vicsee_generate", new { model = Image, prompt = "[[never-finishes]]" })).Data().GetProperty("id").GetString();
        Assert.Equal("TOO_MANY_IN_FLIGHT", (await second.CallAsync("vicsee_generate", new { model = Image, prompt = "a" })).Code());
        await second.CallAsync("cancel_task", new { task_id = id });
        Assert.Equal("FORBIDDEN", (await third.CallAsync("vicsee_generate", new { model = Image, prompt = "a" })).Code());
        Assert.Equal(1_000_000, (await third.CallAsync("vicsee_get_credits", new { })).Data().GetProperty("credits").GetInt64());
    }

    [Fact]
    public async Task Another_accounts_task_does_not_exist()
    {
        var owner = await Api.CreateCustomerAsync();
        var stranger = await Api.CreateCustomerAsync();
        await using var first = await McpClients.ConnectAsync(Api, owner.Key);
        await using var second = await McpClients.ConnectAsync(Api, stranger.Key);
        var id = (await RunAsync(first)).GetProperty("id").GetString()!;
        const string Unknown = "task_00000000000000000000000000";

        foreach (var tool in new[] { "vicsee_get_task", "cancel_task" })
        {
            var foreign = await second.CallAsync(tool, new { task_id = id });
            var unknown = await second.CallAsync(tool, new { task_id = Unknown });
            Assert.Equal(("TASK_NOT_FOUND", unknown.Text()), (foreign.Code(), foreign.Text()));
        }

        Assert.Empty((await second.CallAsync("list_tasks", new { })).Data().GetProperty("tasks").EnumerateArray());
        Assert.Equal(id, Assert.Single((await first.CallAsync("list_tasks", new { status = "completed", limit = 5 })).Data().GetProperty("tasks").EnumerateArray()).GetProperty("id").GetString());
        Assert.Empty(await second.ListResourcesAsync(cancellationToken: Cancellation));
        Assert.Equal($"task://{id}", Assert.Single(await first.ListResourcesAsync(cancellationToken: Cancellation)).Uri);
        var read = await first.ReadResourceAsync($"task://{id}", cancellationToken: Cancellation);
        Assert.Contains(id, Assert.IsType<TextResourceContents>(Assert.Single(read.Contents)).Text, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<McpException>(async () => await second.ReadResourceAsync($"task://{id}", cancellationToken: Cancellation));
    }

    private static async Task<JsonElement> RunAsync(McpClient client) =>
        (await client.CallAsync("generate_and_wait", new { model = Image, prompt = "a red fox" })).Data();

    /// <summary>Keeps what it is told, in the order of telling.</summary>
    private sealed class Listener(List<ProgressNotificationValue> told) : IProgress<ProgressNotificationValue>
    {
        public void Report(ProgressNotificationValue value)
        {
            lock (told)
            {
                told.Add(value);
            }
        }
    }

    /// <summary>One server for all of these.</summary>
    public sealed class Server : IAsyncLifetime
    {
        internal TestZoetrope Zoetrope { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Zoetrope = await TestZoetrope.StartAsync();

        public ValueTask DisposeAsync() => Zoetrope.DisposeAsync();
    }
}
