using System.Text.Json;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.OpenAi;

/// <summary>Vercel's AI SDK with its OpenAI provider, unchanged.</summary>
public sealed class VercelAiTests
{
    private const string Script =
        """
        import { generateImage } from 'ai';
        import { createOpenAI } from '@ai-sdk/openai';
        import { readFile } from 'node:fs/promises';

        const [,, baseURL, apiKey, picture] = process.argv;
        const zoetrope = createOpenAI({ baseURL, apiKey });
        const told = {};

        const fox = await generateImage({ model: zoetrope.image('nano-banana-pro'), prompt: 'A red fox', size: '1536x1024' });
        told.fox = [fox.image.mediaType, fox.image.uint8Array.length];
        told.facts = fox.providerMetadata.openai.images[0];
        told.usage = fox.usage;

        const high = await generateImage({ model: zoetrope.image('gpt-image-1'), prompt: 'A red fox', providerOptions: { openai: { quality: 'medium', outputFormat: 'webp', user: 'u1' } } });
        told.high = high.image.mediaType;

        const night = await generateImage({ model: zoetrope.image('nano-banana-pro'), prompt: { text: 'The same at night', images: [await readFile(picture), fox.image.uint8Array] } });
        told.night = night.image.uint8Array.length;

        const several = await generateImage({ model: zoetrope.image('nano-banana-pro'), prompt: 'A red fox', n: 2 });
        told.several = several.images.length;

        for (const [name, options] of Object.entries({
          unknown: { model: zoetrope.image('gpt-image-9'), prompt: 'a' },
          refused: { model: zoetrope.image('nano-banana-pro'), prompt: '[[moderated]]' },
          failed: { model: zoetrope.image('nano-banana-pro'), prompt: '[[fail]]' },
        })) {
          try {
            await generateImage(options);
          } catch (error) {
            const call = error.lastError ?? error;
            told[name] = [call.statusCode, call.data?.error?.code, error.errors?.length ?? 1];
          }
        }

        console.log(JSON.stringify(told));
        """;

    [Fact]
    public async Task Images_are_made_and_edited_and_its_errors_name_what_was_wrong()
    {
        await using var zoetrope = await TestZoetrope.StartAsync();
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var node = await NodePackages.RunScriptAsync(Script, [new Uri(zoetrope.Api.Address, "/v1").AbsoluteUri, customer.Key, TestMedia.Image(640, 480)]);

        Assert.True(node.ExitCode == 0, node.Output);
        var told = JsonDocument.Parse(node.StandardOutput).RootElement;
        Assert.Equal("image/png", told.GetProperty("fox")[0].GetString());
        Assert.InRange(told.GetProperty("fox")[1].GetInt32(), 1000, int.MaxValue);
        var facts = told.GetProperty("facts");
        Assert.Equal(("auto", "png"), (facts.GetProperty("quality").GetString(), facts.GetProperty("outputFormat").GetString()));
        Assert.Equal(0, told.GetProperty("usage").GetProperty("totalTokens").GetInt32());
        Assert.Equal("image/webp", told.GetProperty("high").GetString());
        Assert.InRange(told.GetProperty("night").GetInt32(), 1000, int.MaxValue);
        Assert.Equal(2, told.GetProperty("several").GetInt32());

        // Refusals are told at once. A failed task (500) it repeats by itself, whatever x-should-retry says; each of those is free.
        Assert.Equal("""[404,"model_not_found",1]""", told.GetProperty("unknown").GetRawText());
        Assert.Equal("""[400,"moderation_blocked",1]""", told.GetProperty("refused").GetRawText());
        Assert.Equal("""[500,"generation_failed",3]""", told.GetProperty("failed").GetRawText());
    }
}
