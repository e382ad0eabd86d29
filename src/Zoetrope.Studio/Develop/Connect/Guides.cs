namespace Zoetrope.Studio.Develop.Connect;

/// <summary>What is copied to let a program in: one block for each host, as docs/mcp.md and docs/client.md have it.</summary>
/// <param name="Name">The host, a name that is the same in every language.</param>
/// <param name="Words">The last part of the key of its sentence: where the block goes.</param>
/// <param name="Text">The block for a server.</param>
internal sealed record Guide(string Name, string Words, Func<string, string> Text);

internal static class Guides
{
    public static IReadOnlyList<Guide> All { get; } =
    [
        new("Claude Code", "terminal", server => $"claude mcp add --transport http zoetrope {server}/mcp --header \"Authorization: Bearer $ZOETROPE_API_KEY\""),
        new("Claude", "claude", server => $"{server}/mcp"),
        new("Cursor", "cursor", server => $$"""
            {
              "mcpServers": {
                "zoetrope": {
                  "url": "{{server}}/mcp",
                  "headers": { "Authorization": "Bearer ${env:ZOETROPE_API_KEY}" }
                }
              }
            }
            """),
        new("VS Code", "vscode", server => $$"""
            {
              "inputs": [
                { "type": "promptString", "id": "zoetrope-key", "description": "Zoetrope API key", "password": true }
              ],
              "servers": {
                "zoetrope": {
                  "type": "http",
                  "url": "{{server}}/mcp",
                  "headers": { "Authorization": "Bearer ${input:zoetrope-key}" }
                }
              }
            }
            """),
        new("C#", "csharp", server => $$"""
            // dotnet add package Zoetrope.Client
            using Zoetrope.Client;
            using Zoetrope.Contracts.VicSee;

            using var client = new ZoetropeClient(new("{{server}}"), Environment.GetEnvironmentVariable("ZOETROPE_API_KEY")!);
            var task = await client.GenerateAndWaitAsync(new GenerateRequest
            {
                Model = "nano-banana-2-text-to-image",
                Prompt = "A red fox runs through snow at sunset",
            });
            Console.WriteLine(task.Result!.Url);
            """),
        new("OpenAI SDK", "openai", server => $$"""
            import os
            from openai import OpenAI

            client = OpenAI(base_url="{{server}}/v1", api_key=os.environ["ZOETROPE_API_KEY"])
            image = client.images.generate(model="nano-banana-2", prompt="A red fox runs through snow", response_format="url")
            print(image.data[0].url)
            """),
        new("curl", "terminal", server => $$"""
            curl {{server}}/api/v1/generate \
              -H "Authorization: Bearer $ZOETROPE_API_KEY" \
              -H "Content-Type: application/json" \
              -d '{"model": "nano-banana-2-text-to-image", "prompt": "A red fox runs through snow at sunset"}'
            """),
    ];
}
