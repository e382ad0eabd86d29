namespace Zoetrope.Server.Providers.Sandbox;

/// <summary>
/// What the adapter works with. Made at its first call: the registry of providers is there before the database and before this node
/// knows its name.
/// </summary>
internal sealed record SandboxVendor(SandboxJobs Jobs, SandboxFiles Files, SandboxRenderers Renderers);
