using System.Text.Json;
using Zoetrope.Tests.Doors.Mcp;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>One rule, one day and one sentence for the end of a model, at every door: the status decides, and a day that passes does not.</summary>
public sealed class RetirementTests(RetirementTests.Server server) : IClassFixture<RetirementTests.Server>
{
    private const string Sentence = "kling-2-6-text-to-video was retired on 2026-11-01. Use kling-4-0-text-to-video.";

    [Theory]
    [InlineData("/api/v1/generate", """{"model":"kling-2-6-text-to-video","input":{"prompt":"a red fox"}}""", 400)]
    [InlineData("/api/v1/estimate", """{"model":"kling-2-6-text-to-video","input":{"prompt":"a red fox"}}""", 400)]
    [InlineData("/api/v1/batches", """{"requests":[{"model":"kling-2-6-text-to-video","input":{"prompt":"a red fox"}}]}""", 400)]
    [InlineData("/v1/videos", """{"model":"kling-2-6-text-to-video","prompt":"a red fox"}""", 404)]
    [InlineData("/v1/videos", """{"model":"kling-2-6","prompt":"a red fox"}""", 404)]
    public async Task A_retired_model_is_refused_in_the_same_words(string path, string body, int status)
    {
        var refused = (await server.Api.SendAsync(HttpMethod.Post, path, server.Customer.Key, body)).Expect(status);

        Assert.Contains(Sentence, refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tools_refuse_it_in_the_same_words()
    {
        await using var client = await McpClients.ConnectAsync(server.Api, server.Customer.Key);

        Assert.Contains(Sentence, (await client.CallAsync("vicsee_list_models", new { model = "kling-2-6-text-to-video" })).Text(), StringComparison.Ordinal);
        Assert.Contains(Sentence, (await client.CallAsync("vicsee_generate", new { model = "kling-2-6-text-to-video", prompt = "a red fox" })).Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/generate", """{"model":"nano-banana","prompt":"a red fox"}""")]
    [InlineData("/api/v1/generate", """{"model":"nano-banana-text-to-image","input":{"prompt":"a red fox"}}""")]
    [InlineData("/api/v1/estimate", """{"model":"nano-banana-text-to-image","input":{"prompt":"a red fox"}}""")]
    [InlineData("/v1/images/generations", """{"model":"nano-banana","prompt":"a red fox"}""")]
    [InlineData("/api/v1/generate", """{"model":"sora-2","prompt":"a red fox","options":{"duration":10}}""")]
    [InlineData("/v1/videos", """{"model":"sora-2","prompt":"a red fox","seconds":"10"}""")]
    public async Task A_model_whose_day_has_passed_is_answered_while_its_status_says_so(string path, string body) =>
        (await server.Api.SendAsync(HttpMethod.Post, path, server.Customer.Key, body)).Expect(200);

    [Fact]
    public async Task Lists_agree_on_what_there_is_and_on_its_day()
    {
        var own = (await server.Api.GetAsync(server.Customer, "/api/v1/models")).Expect(200).Data.EnumerateArray().ToDictionary(model => model.GetProperty("id").GetString()!);
        var openAi = (await server.Api.GetAsync(server.Customer, "/v1/models")).Expect(200).Json.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()!).ToList();
        await using var client = await McpClients.ConnectAsync(server.Api, server.Customer.Key);
        var tools = (await client.CallAsync("vicsee_list_models", new { })).Data().GetProperty("models").EnumerateArray().ToDictionary(model => model.GetProperty("id").GetString()!);

        foreach (var (id, listed) in new[] { ("kling-2-6-text-to-video", false), ("nano-banana-text-to-image", true), ("sora-2-text-to-video", true) })
        {
            Assert.Equal((listed, listed, listed), (own.ContainsKey(id), openAi.Contains(id), tools.ContainsKey(id)));
        }

        Assert.Equal("2027-03-15", own["nano-banana-text-to-image"].GetProperty("lifecycle").GetProperty("shutdown").GetString());
        Assert.Equal("deprecated, ends 2027-03-15 at its vendor, use nano-banana-2-lite-text-to-image", tools["nano-banana-text-to-image"].GetProperty("lifecycle").GetString());
    }

    public sealed class Server : IAsyncLifetime
    {
        private readonly TemporaryDirectory _directory = new();
        private TestZoetrope _zoetrope = null!;

        internal ZoetropeApi Api => _zoetrope.Api;

        internal Customer Customer { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            var file = _directory.File("catalogue.json");
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
            {
                models = new[] { new { id = "kling-2-6-text-to-video", lifecycle = new { status = "retired", shutdown = "2026-11-01", replacement = "kling-4-0-text-to-video" } } },
            }));

            // After every day that the catalogue knows.
            var clock = new MovedClock();
            clock.Advance(TimeSpan.FromDays(3_650));
            _zoetrope = await TestZoetrope.StartAsync(new TestServer
            {
                Time = clock,
                Settings = new Dictionary<string, string?> { ["Catalog:File"] = file },
            });
            Customer = await Api.CreateCustomerAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await _zoetrope.DisposeAsync();
            _directory.Dispose();
        }
    }
}
