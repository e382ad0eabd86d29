using Zoetrope.Server.Artifacts;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>Marks an endpoint whose 401 tells clients where they learn how to sign in.</summary>
internal sealed class McpChallenge(ArtifactOptions artifacts)
{
    /// <summary>Where the protected-resource metadata of the door lies.</summary>
    public const string MetadataPath = "/.well-known/oauth-protected-resource/mcp";

    public string WwwAuthenticate => $"Bearer resource_metadata=\"{artifacts.PublicUrl.AbsoluteUri.TrimEnd('/')}{MetadataPath}\"";

    /// <summary>The value of WWW-Authenticate at this endpoint.</summary>
    public static string Of(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<McpChallenge>()?.WwwAuthenticate ?? "Bearer";
}
