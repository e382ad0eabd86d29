using System.Collections.Frozen;
using System.Text.Json;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>
/// A client of the revisions before July 2026 says once, when it connects, that it can ask its user, and sends the id of its
/// session from then on. The id is where that is written; nothing is kept, so no restart and no other node ends the session. A
/// client that makes it up only says that it can ask, which is its own to say.
/// </summary>
internal static class McpSession
{
    private const string Header = "Mcp-Session-Id";
    private const string Asks = "asks-";
    private const int Length = 37;

    /// <summary>The revisions whose questions are sent inside an open call.</summary>
    private static readonly FrozenSet<string> Revisions = FrozenSet.Create("2025-06-18", "2025-11-25");

    /// <summary>Takes the id from a request, which the SDK would refuse, and gives one in the answer to a client that can ask.</summary>
    public static void Read(HttpContext context, JsonElement message)
    {
        if (context.Request.Headers.Remove(Header, out var ids)
            && ids.ToString() is { Length: Length } id
            && id.StartsWith(Asks, StringComparison.Ordinal))
        {
            context.Features.Set(new Asker(id));
        }

        if (Text(message, "method") == "initialize"
            && Object(message, "params") is { } parameters
            && Text(parameters, "protocolVersion") is { } revision
            && Revisions.Contains(revision)
            && Object(parameters, "capabilities") is { } capabilities
            && Object(capabilities, "elicitation") is { } elicitation
            && (Object(elicitation, "form") is not null || Object(elicitation, "url") is null))
        {
            context.Response.Headers[Header] = Asks + Guid.NewGuid().ToString("N");
        }
    }

    public static bool CanAsk(HttpContext context) => context.Features.Get<Asker>() is not null;

    /// <summary>One call of this client, as its cancellation names it in another request.</summary>
    public static string? CallId(HttpContext context, string requestId) =>
        context.Features.Get<Asker>() is { } asker ? $"{asker.Id}:{requestId}" : null;

    private static JsonElement? Object(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private sealed record Asker(string Id);
}
