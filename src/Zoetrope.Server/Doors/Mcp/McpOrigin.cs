using System.Net;
using Zoetrope.Server.Artifacts;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>
/// Whose web pages may call the door. A page whose name was made to resolve to this machine (DNS rebinding) still sends its
/// own origin, so only this server's own name, this machine's and those of the settings are let in. Programs send no origin.
/// </summary>
internal sealed class McpOrigin(McpOptions options, ArtifactOptions artifacts)
{
    private static readonly Problem Foreign = Problems.Forbidden.With(
        "Web pages from this origin may not call this endpoint. The operator can allow the origin with Mcp:AllowedOrigins.", "Origin");

    private readonly IReadOnlyList<string> _allowed = options.Origins;

    public Problem? Refusal(HttpRequest request)
    {
        var origins = request.Headers.Origin;
        return origins.Count == 0 || (origins.Count == 1 && IsAllowed(origins[0]!)) ? null : Foreign with { Given = origins.ToString() };
    }

    private bool IsAllowed(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var url)
        && url.Scheme is "http" or "https"
        && (IsThisMachine(url) || IsSame(url, artifacts.OwnUrl) || _allowed.Any(allowed => IsSame(url, new Uri(allowed))));

    // A page of another local port is a program of this machine's user, as their MCP inspector is.
    private static bool IsThisMachine(Uri origin) =>
        origin.Host == "localhost" || (IPAddress.TryParse(origin.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool IsSame(Uri one, Uri other) =>
        Uri.Compare(one, other, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
