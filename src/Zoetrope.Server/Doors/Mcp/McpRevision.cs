using ModelContextProtocol.Protocol;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>Which revision of the protocol a request speaks; revisions are dates, so their order is that of their text.</summary>
internal static class McpRevision
{
    private const string July2026 = "2026-07-28";

    /// <summary>Since July 2026 each request states what its client can do, and questions to the user are returned as answers.</summary>
    public static bool AsksWithAnswers(JsonRpcRequest request) => string.CompareOrdinal(request.Context?.ProtocolVersion, July2026) >= 0;
}
