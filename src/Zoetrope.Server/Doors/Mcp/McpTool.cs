using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>A tool: how it describes itself, with the limits and prices of the current catalogue, and what it does.</summary>
internal sealed record McpTool
{
    public required string Name { get; init; }

    public required string Title { get; init; }

    /// <summary>What the caller's key must allow.</summary>
    public required Scopes Scopes { get; init; }

    public required Func<CatalogWords, string> Description { get; init; }

    public required Func<CatalogWords, JsonObject> Input { get; init; }

    public required JsonObject Output { get; init; }

    public required ToolAnnotations Annotations { get; init; }

    public required Func<McpCall, CancellationToken, Task<Outcome<CallToolResult>>> RunAsync { get; init; }

    /// <summary>
    /// Only starts what <see cref="RunAsync"/> would also wait for: a client of the Tasks extension does its own waiting.
    /// </summary>
    public Func<McpCall, CancellationToken, Task<Outcome<Generation>>>? StartAsync { get; init; }
}
