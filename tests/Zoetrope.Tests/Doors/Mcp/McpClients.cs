using System.Text.Json;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Mcp;

/// <summary>The official C# client against a test's server.</summary>
internal static class McpClients
{
    public static Task<McpClient> ConnectAsync(ZoetropeApi api, string key, McpClientOptions? options = null, string path = "/mcp", IDictionary<string, string>? headers = null)
    {
        var all = new Dictionary<string, string>(headers ?? new Dictionary<string, string>()) { ["Authorization"] = $"Bearer {key}" };
        var transport = new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(api.Address, path),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = all,
        });
        return McpClient.CreateAsync(transport, options);
    }

    public static ValueTask<CallToolResult> CallAsync(this McpClient client, string tool, object arguments) =>
        client.CallToolAsync(tool, Arguments(arguments), cancellationToken: TestContext.Current.CancellationToken);

    public static Dictionary<string, object?> Arguments(object arguments) =>
        JsonSerializer.SerializeToElement(arguments).EnumerateObject().ToDictionary(property => property.Name, property => (object?)property.Value);

    public static string Text(this CallToolResult result) => string.Join('\n', result.Content.OfType<TextContentBlock>().Select(block => block.Text));

    public static JsonElement Data(this CallToolResult result)
    {
        Assert.False(result.IsError is true, result.Text());
        return result.StructuredContent!.Value;
    }

    /// <summary>The code of a refused call.</summary>
    public static string Code(this CallToolResult result)
    {
        Assert.True(result.IsError is true, result.Text());
        Assert.StartsWith("VicSee API error [", result.Text(), StringComparison.Ordinal);
        return result.Text()["VicSee API error [".Length..].Split(']')[0];
    }
}
