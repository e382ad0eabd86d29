using System.Collections.Immutable;
using Zoetrope.Server.Catalog.Routes;

namespace Zoetrope.Server.Providers;

/// <summary>What is known of a vendor before any key is configured.</summary>
internal sealed record ProviderProfile
{
    /// <summary>The name in routes, configuration and callback URLs: lower case without hyphens.</summary>
    public required string Name { get; init; }

    /// <summary>The vendor's name as people write it.</summary>
    public required string Title { get; init; }

    /// <summary>Where the vendor's API lives; null where the operator must say it.</summary>
    public Uri? BaseUrl { get; init; }

    /// <summary>
    /// The vendor's own environment variables, the first one the best known; each sets <c>Providers:&lt;name&gt;:ApiKey</c>.
    /// </summary>
    public ImmutableArray<string> KeyVariables { get; init; } = [];

    /// <summary>Whether what is configured as the key is the path of a file that holds it.</summary>
    public bool KeyIsFile { get; init; }

    /// <summary>Whether it works without a key; then the base URL alone enables it.</summary>
    public bool Keyless { get; init; }

    /// <summary>
    /// Part of this server and no vendor: nothing of what it was sent is shown to customers, its failures are demonstrations
    /// that open no circuit, and its results are marked as made by a sandbox.
    /// </summary>
    public bool BuiltIn { get; init; }

    /// <summary>What the vendor accepts as input files.</summary>
    public InputForm Inputs { get; init; } = new();

    /// <summary>What the adapter reads from a route's <c>extra</c>.</summary>
    public ImmutableArray<RouteExtra> Extras { get; init; } = [];

    /// <summary>How an operator enables it, for errors and documents.</summary>
    public string EnabledBy => Keyless
        ? $"Zoetrope__Providers__{Name}__BaseUrl"
        : KeyVariables.Length > 0 ? KeyVariables[0] : $"Zoetrope__Providers__{Name}__ApiKey";
}
