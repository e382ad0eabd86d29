using System.Text.Json;
using Zoetrope.Tests.Doors.Mcp;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>One resolver behind every door: what means a model at one means it at all, and what does not is answered with ids.</summary>
public sealed class ModelNamesAtDoorsTests(DoorServer server) : IClassFixture<DoorServer>
{
    // Nothing is drawn: only what was asked for matters here.
    private const string Fox = "A fox [[refused]]";

    private ZoetropeApi Api => server.Zoetrope.Api;

    private Customer Customer => server.Customer;

    [Theory]
    [InlineData("Seedance 2.0", false, "seedance-2-0-text-to-video")]
    [InlineData("Seedance 2.0", true, "seedance-2-0-image-to-video")]
    [InlineData("veo-3.1", false, "veo-3-1-text-to-video")]
    [InlineData("Veo 3.1", true, "veo-3-1-image-to-video")]
    [InlineData("Nano Banana 2", false, "nano-banana-2-text-to-image")]
    [InlineData("nano-banana-2", true, "nano-banana-2-image-to-image")]
    [InlineData("kling_2.6", false, "kling-2-6-text-to-video")]
    public async Task A_family_and_what_is_attached_give_the_model(string name, bool withPicture, string expected)
    {
        var isVideo = expected.EndsWith("video", StringComparison.Ordinal);
        var input = new Dictionary<string, object> { ["prompt"] = Fox };
        if (withPicture)
        {
            input["image_urls"] = new[] { server.Picture };
        }

        Assert.Equal(expected, Model(await PostAsync("/api/v1/estimate", new { model = name, input })));
        Assert.Equal(expected, Model(await PostAsync("/api/v1/generate", new { model = name, input })));
        Assert.Equal(expected, (await PostAsync("/api/v1/batches", new { requests = new[] { new { model = name, input } } })).Expect(200).Data.GetProperty("items")[0].GetProperty("model").GetString());
        if (!withPicture)
        {
            Assert.Equal(expected, (await Api.GetAsync(Customer, $"/api/v1/models/{Uri.EscapeDataString(name)}")).Expect(200).Data.GetProperty("id").GetString());
            Assert.Equal(name, (await Api.GetAsync(Customer, $"/v1/models/{Uri.EscapeDataString(name)}")).Expect(200).Json.GetProperty("id").GetString());
        }
        else
        {
            Assert.Equal(expected, (await Api.GetAsync(Customer, $"/api/v1/models/{Uri.EscapeDataString(name)}?inputs=image")).Expect(200).Data.GetProperty("id").GetString());
        }

        await using var agent = await McpClients.ConnectAsync(Api, Customer.Key);
        var arguments = new Dictionary<string, object>(input) { ["model"] = name };
        Assert.Equal(expected, (await agent.CallAsync("estimate", arguments)).Data().GetProperty("model").GetString());
        Assert.Equal(expected, (await agent.CallAsync("vicsee_generate", arguments)).Data().GetProperty("model").GetString());
        if (!withPicture)
        {
            Assert.Equal(expected, (await agent.CallAsync("vicsee_list_models", new { model = name })).Data().GetProperty("models")[0].GetProperty("id").GetString());
        }

        if (isVideo)
        {
            var video = (await PostAsync("/v1/videos", withPicture
                ? new { model = name, prompt = Fox, input_reference = new { image_url = server.Picture } }
                : new { model = name, prompt = Fox })).Expect(200).Json;
            Assert.Equal(expected, video.GetProperty("model").GetString());
        }
        else
        {
            // A refusal that names the model comes at once, where an image takes its time.
            var refused = await PostAsync(withPicture ? "/v1/images/edits" : "/v1/images/generations", withPicture
                ? new { model = name, prompt = Fox, image = server.Picture, background = "transparent" }
                : new { model = name, prompt = Fox, background = "transparent" });
            Assert.Equal($"{expected} cannot make a transparent background. Allowed: auto, opaque.", Message(refused));
        }
    }

    [Theory]
    [InlineData("FLUX 2", false, "flux-2-pro-text-to-image")]
    [InlineData("FLUX 2", true, "flux-2-pro-image-to-image")]
    [InlineData("seedance", false, "seedance-2-0-text-to-video")]
    [InlineData("seedance", true, "seedance-2-0-image-to-video")]
    public async Task Where_several_families_are_meant_the_answer_names_exact_ids(string name, bool withPicture, string first)
    {
        object input = withPicture ? new { prompt = Fox, image_urls = new[] { server.Picture } } : new { prompt = Fox };
        foreach (var reply in new[]
        {
            await PostAsync("/api/v1/estimate", new { model = name, input }),
            await PostAsync("/api/v1/generate", new { model = name, input }),
            await PostAsync("/api/v1/batches", new { requests = new[] { new { model = name, input } } }),
        })
        {
            Assert.Equal((400, "INVALID_MODEL"), (reply.Status, reply.Code));
            Assert.Contains($"Did you mean: {first}", Message(reply), StringComparison.Ordinal);
            Assert.Contains("GET /api/v1/models lists every model.", Message(reply), StringComparison.Ordinal);
        }

        await using var agent = await McpClients.ConnectAsync(Api, Customer.Key);
        foreach (var tool in new[] { "estimate", "vicsee_generate", "generate_and_wait" })
        {
            var refused = await agent.CallAsync(tool, withPicture
                ? new { model = name, prompt = Fox, image_urls = new[] { server.Picture } }
                : new { model = name, prompt = Fox });
            Assert.Equal("INVALID_MODEL", refused.Code());
            Assert.Contains(first, refused.Text(), StringComparison.Ordinal);
            Assert.Contains("vicsee_list_models lists every model.", refused.Text(), StringComparison.Ordinal);
            Assert.DoesNotContain("GET /", refused.Text(), StringComparison.Ordinal);
        }

        if (!withPicture)
        {
            Assert.Contains(first, (await agent.CallAsync("vicsee_list_models", new { model = name })).Text(), StringComparison.Ordinal);
            var openAi = await PostAsync(first.EndsWith("video", StringComparison.Ordinal) ? "/v1/videos" : "/v1/images/generations", new { model = name, prompt = Fox });
            Assert.Equal((404, "model_not_found"), (openAi.Status, openAi.Code));
            Assert.Contains(first, Message(openAi), StringComparison.Ordinal);
            var read = await Api.GetAsync(Customer, $"/api/v1/models/{Uri.EscapeDataString(name)}");
            Assert.Equal((404, "MODEL_NOT_FOUND"), (read.Status, read.Code));
            Assert.Contains(first, Message(read), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/v1/images/generations", "Seedance 2.0", "POST /v1/videos")]
    [InlineData("/v1/images/generations", "seedance", "POST /v1/videos")]
    [InlineData("/v1/images/generations", "veo-3-1-text-to-video", "POST /v1/videos")]
    [InlineData("/v1/videos", "Nano Banana 2", "POST /v1/images/generations")]
    [InlineData("/v1/videos", "flux 2", "POST /v1/images/generations")]
    public async Task A_model_of_the_other_kind_is_sent_to_the_other_door(string path, string name, string door)
    {
        var reply = await PostAsync(path, new { model = name, prompt = Fox });

        Assert.Equal((404, "model_not_found"), (reply.Status, reply.Code));
        Assert.Contains(door, Message(reply), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/v1/chat/completions")]
    [InlineData("POST", "/v1/responses")]
    [InlineData("POST", "/v1/embeddings")]
    [InlineData("POST", "/v1/audio/speech")]
    [InlineData("GET", "/v1/files")]
    [InlineData("POST", "/v1/images/variations")]
    public async Task What_is_not_made_here_is_answered_with_what_is(string method, string path)
    {
        var reply = await Api.SendAsync(new HttpMethod(method), path, Customer.Key, method == "POST" ? """{"model":"gpt-6","messages":[]}""" : null);

        Assert.Equal((404, "not_found"), (reply.Status, reply.Code));
        foreach (var door in new[] { "images and videos only", "/v1/images/generations", "/v1/videos", "/v1/models" })
        {
            Assert.Contains(door, Message(reply), StringComparison.Ordinal);
        }

        // Where there is an endpoint, only the method is wrong.
        Assert.Equal(405, (await Api.SendAsync(HttpMethod.Get, "/v1/images/generations", Customer.Key)).Status);
    }

    [Fact]
    public async Task An_exact_id_that_takes_no_picture_names_the_one_that_does()
    {
        var picture = await PostAsync("/api/v1/estimate", new { model = "nano-banana-2-text-to-image", input = new { prompt = "a", image_urls = new[] { server.Picture } } });
        var reference = await PostAsync("/api/v1/estimate", new { model = "seedance-2-0-text-to-video", input = new { prompt = "a", reference_video_urls = new[] { server.Picture } } });

        Assert.Equal("UNKNOWN_PARAMETER", picture.Code);
        Assert.Contains("nano-banana-2-image-to-image accepts images.", Message(picture), StringComparison.Ordinal);
        Assert.Contains("seedance-2-0-reference-to-video accepts it.", Message(reference), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_field_is_answered_with_every_field_that_there_is()
    {
        var generate = await PostAsync("/api/v1/generate", new { model = "nano-banana-2", prompt = "a", webhokUrl = "https://example.com" });
        var upscale = await PostAsync("/api/v1/tools/upscale-image", new { image_url = server.Picture, webhokUrl = "https://example.com" });

        Assert.Equal(("UNKNOWN_PARAMETER", "model, prompt, input, options, webhookUrl, tags, user"), (generate.Code, generate.Json.GetProperty("error").GetProperty("allowed").GetString()));
        Assert.Contains("webhookUrl", Message(generate), StringComparison.Ordinal);
        Assert.Equal(("UNKNOWN_PARAMETER", "image_url, upscale_factor, webhookUrl, tags, user"), (upscale.Code, upscale.Json.GetProperty("error").GetProperty("allowed").GetString()));
    }

    private static string? Model(Reply reply) => reply.Expect(200).Data.GetProperty("model").GetString();

    private static string Message(Reply reply) => reply.Json.GetProperty("error").GetProperty("message").GetString()!;

    private Task<Reply> PostAsync(string path, object body) => Api.SendAsync(HttpMethod.Post, path, Customer.Key, JsonSerializer.Serialize(body));
}
