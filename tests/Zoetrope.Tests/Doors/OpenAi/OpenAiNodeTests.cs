using System.Text.Json;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.OpenAi;

/// <summary>OpenAI's own Node client, unchanged.</summary>
public sealed class OpenAiNodeTests
{
    private const string Script =
        """
        import OpenAI, { toFile } from 'openai';
        import { createReadStream } from 'node:fs';

        const [,, baseURL, apiKey, picture] = process.argv;
        const client = new OpenAI({ baseURL, apiKey });
        const told = {};

        const image = await client.images.generate({ model: 'gpt-image-1', prompt: 'a red fox', size: '1024x1024' });
        told.image = Buffer.from(image.data[0].b64_json, 'base64').length;
        told.requestId = typeof image._request_id;

        const edited = await client.images.edit({ model: 'nano-banana-pro', prompt: 'at night', image: [createReadStream(picture), createReadStream(picture)], response_format: 'url' });
        told.edited = edited.data[0].url;

        told.events = [];
        for await (const event of await client.images.generate({ model: 'gpt-image-1', prompt: 'a red fox', stream: true })) {
          told.events.push(event.type);
        }

        let video = await client.videos.create({ model: 'seedance-2-0-mini', prompt: 'it moves', seconds: '4', size: '1280x720', input_reference: await toFile(createReadStream(picture)) });
        while (video.status === 'queued' || video.status === 'in_progress') {
          await new Promise(resolve => setTimeout(resolve, 200));
          video = await client.videos.retrieve(video.id);
        }

        told.video = video.status;
        told.seconds = video.seconds;
        told.content = (await (await client.videos.downloadContent(video.id)).arrayBuffer()).byteLength;
        told.listed = [];
        for await (const item of client.videos.list({ limit: 1 })) {
          told.listed.push(item.id === video.id);
        }

        told.deleted = (await client.videos.delete(video.id)).deleted;
        try {
          await client.images.generate({ model: 'gpt-image-9', prompt: 'a' });
        } catch (error) {
          told.error = [error.constructor.name, error.status, error.code, error.param];
        }

        console.log(JSON.stringify(told));
        """;

    [Fact]
    public async Task Images_and_videos_work()
    {
        await using var zoetrope = await TestZoetrope.StartAsync();
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var node = await NodePackages.RunScriptAsync(Script, [new Uri(zoetrope.Api.Address, "/v1").AbsoluteUri, customer.Key, TestMedia.Image(1280, 720)]);

        Assert.True(node.ExitCode == 0, node.Output);
        var told = JsonDocument.Parse(node.StandardOutput).RootElement;
        Assert.InRange(told.GetProperty("image").GetInt32(), 1000, int.MaxValue);
        Assert.Equal("string", told.GetProperty("requestId").GetString());
        Assert.Contains("/files/", told.GetProperty("edited").GetString(), StringComparison.Ordinal);
        Assert.Equal("""["image_generation.completed"]""", told.GetProperty("events").GetRawText());
        Assert.Equal(("completed", "4", true), (told.GetProperty("video").GetString(), told.GetProperty("seconds").GetString(), told.GetProperty("deleted").GetBoolean()));
        Assert.InRange(told.GetProperty("content").GetInt32(), 1000, int.MaxValue);
        Assert.Equal("[true]", told.GetProperty("listed").GetRawText());
        Assert.Equal("""["NotFoundError",404,"model_not_found","model"]""", told.GetProperty("error").GetRawText());
    }
}
