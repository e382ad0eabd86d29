using System.Text.Json;

namespace Zoetrope.Server.Catalog.Routes;

/// <summary>A resolved request on its way over a route: all that its translation needs.</summary>
/// <typeparam name="TFile">An input file as an adapter gets it.</typeparam>
internal abstract record RouteCall<TFile>
    where TFile : RouteFile
{
    /// <summary>The chosen route: the vendor's model id and how our parameters are said there.</summary>
    public required RouteSpec Route { get; init; }

    /// <summary>The prompt; empty if the model accepts none.</summary>
    public required string Prompt { get; init; }

    /// <summary>All parameters with defaults resolved, by our snake_case names.</summary>
    public required JsonElement Parameters { get; init; }

    /// <summary>Input files in the order of the request.</summary>
    public required IReadOnlyList<TFile> Inputs { get; init; }

    /// <summary>What the result must look like.</summary>
    public required OutputSpec Output { get; init; }
}

/// <summary>An input file of a request.</summary>
/// <param name="Parameter">The parameter it came from (<c>image_urls</c>, <c>reference_video_urls</c>, <c>video_url</c>, …).</param>
internal abstract record RouteFile(string Parameter);
