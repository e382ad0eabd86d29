using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Zoetrope.Tests.Doors.Mcp;

/// <summary>
/// What the conformance suite wants every server to have for its sake: tools, prompts and resources with fixed names and
/// answers. Only this test's server has them, beside our own.
/// </summary>
internal static class ConformancePrimitives
{
    private const string Pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
    private const string Silence = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=";

    private static readonly byte[] Png = Convert.FromBase64String(Pixel);

    public static void AddTo(IServiceCollection services) => services.AddMcpServer()
        .WithTools([.. Tools()])
        .WithPrompts([.. Prompts()])
        .WithResources([.. Resources()])
        .WithCompleteHandler(static (_, _) => ValueTask.FromResult(new CompleteResult { Completion = new Completion { Values = ["paris", "park"], Total = 2, HasMore = false } }));

    private static IEnumerable<McpServerTool> Tools()
    {
        yield return Tool("test_simple_text", () => Text("This is a simple text response for testing."));
        yield return Tool("test_image_content", () => new CallToolResult { Content = [Picture()] });
        yield return Tool("test_audio_content", () => new CallToolResult { Content = [AudioContentBlock.FromBytes(Convert.FromBase64String(Silence), "audio/wav")] });
        yield return Tool("test_embedded_resource", () => new CallToolResult { Content = [Embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")] });
        yield return Tool("test_multiple_content_types", () => new CallToolResult
        {
            Content =
            [
                new TextContentBlock { Text = "Multiple content types test:" },
                Picture(),
                Embedded("test://mixed-content-resource", "application/json", """{"test":"data","value":123}"""),
            ],
        });
        yield return Tool("test_error_handling", static CallToolResult () => throw new McpException("This tool intentionally returns an error for testing"));
        yield return McpServerTool.Create(ReportAsync, new McpServerToolCreateOptions { Name = "test_tool_with_progress", Description = "Reports progress" });
        yield return McpServerTool.Create(LogAsync, new McpServerToolCreateOptions { Name = "test_tool_with_logging", Description = "Sends log messages" });
        yield return new SchemaTool();
    }

    private static IEnumerable<McpServerPrompt> Prompts()
    {
        yield return Prompt("test_simple_prompt", () => new ChatPrompt(Said("This is a simple prompt for testing.")).Result);
        yield return Prompt("test_prompt_with_arguments", ([Description("First")] string arg1, [Description("Second")] string arg2) =>
            new ChatPrompt(Said($"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")).Result);
        yield return Prompt("test_prompt_with_embedded_resource", ([Description("Which")] string resourceUri) => new ChatPrompt(
            new PromptMessage { Role = Role.User, Content = Embedded(resourceUri, "text/plain", "Embedded resource content for testing.") },
            Said("Please process the embedded resource above.")).Result);
        yield return Prompt("test_prompt_with_image", () => new ChatPrompt(
            new PromptMessage { Role = Role.User, Content = Picture() },
            Said("Please analyze the image above.")).Result);
    }

    private static IEnumerable<McpServerResource> Resources()
    {
        yield return Resource("test://static-text", "text/plain", () => new TextResourceContents
        {
            Uri = "test://static-text",
            MimeType = "text/plain",
            Text = "This is the content of the static text resource.",
        });
        yield return Resource("test://static-binary", "image/png", () => BlobResourceContents.FromBytes(Png, "test://static-binary", "image/png"));
        yield return Resource("test://template/{id}/data", "application/json", (string id) => new TextResourceContents
        {
            Uri = $"test://template/{id}/data",
            MimeType = "application/json",
            Text = JsonSerializer.Serialize(new { id, templateTest = true, data = $"Data for ID: {id}" }),
        });
    }

    private static async Task<string> ReportAsync(IProgress<ProgressNotificationValue> progress)
    {
        foreach (var percent in new[] { 0, 50, 100 })
        {
            progress.Report(new ProgressNotificationValue { Progress = percent, Total = 100 });
            await Task.Yield();
        }

        return "done";
    }

    // The typed form is marked as deprecated with the feature.
    private static async Task<string> LogAsync(McpServer server, CancellationToken cancellationToken)
    {
        foreach (var text in new[] { "Tool execution started", "Tool processing data", "Tool execution completed" })
        {
            await server.SendNotificationAsync("notifications/message", new JsonObject { ["level"] = "info", ["data"] = text }, McpJsonUtilities.DefaultOptions, cancellationToken);
        }

        return "done";
    }

    private static McpServerTool Tool(string name, Func<CallToolResult> run) => McpServerTool.Create(run, new McpServerToolCreateOptions { Name = name, Description = $"The suite's {name}" });

    private static McpServerPrompt Prompt(string name, Delegate run) => McpServerPrompt.Create(run, new McpServerPromptCreateOptions { Name = name, Description = $"The suite's {name}" });

    private static McpServerResource Resource(string uri, string type, Delegate read) =>
        McpServerResource.Create(read, new McpServerResourceCreateOptions { UriTemplate = uri, Name = uri, Description = "The suite's", MimeType = type });

    private static CallToolResult Text(string text) => new() { Content = [new TextContentBlock { Text = text }] };

    private static ImageContentBlock Picture() => ImageContentBlock.FromBytes(Png, "image/png");

    private static EmbeddedResourceBlock Embedded(string uri, string type, string text) =>
        new() { Resource = new TextResourceContents { Uri = uri, MimeType = type, Text = text } };

    private static PromptMessage Said(string text) => new() { Role = Role.User, Content = new TextContentBlock { Text = text } };

    private sealed class ChatPrompt(params PromptMessage[] messages)
    {
        public GetPromptResult Result { get; } = new() { Messages = messages };
    }

    /// <summary>A schema with everything of JSON Schema 2020-12 that a server might lose on the way.</summary>
    private sealed class SchemaTool : McpServerTool
    {
        public override Tool ProtocolTool { get; } = new()
        {
            Name = "json_schema_2020_12_tool",
            Description = "Tool with JSON Schema 2020-12 features",
            InputSchema = JsonElement.Parse(
                """
                {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
                 "$defs":{"address":{"type":"object","properties":{"street":{"type":"string"},"city":{"type":"string"}}}},
                 "properties":{"name":{"type":"string"},"address":{"$ref":"#/$defs/address"}},"additionalProperties":false}
                """),
        };

        public override IReadOnlyList<object> Metadata => [];

        public override ValueTask<CallToolResult> InvokeAsync(RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken = default) => ValueTask.FromResult(Text("ok"));
    }
}
