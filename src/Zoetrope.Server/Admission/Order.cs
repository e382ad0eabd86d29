using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Admission;

/// <summary>A request that may start: it fits its model, its inputs are stored, its price is known and its provider is chosen.</summary>
internal sealed record Order
{
    public required ModelSpec Model { get; init; }

    public required string Prompt { get; init; }

    /// <summary>Resolved parameters, a JSON object in the model's order.</summary>
    public required string Parameters { get; init; }

    /// <summary>Input files in the order of the model's parameters.</summary>
    public required IReadOnlyList<ResolvedInput> Inputs { get; init; }

    /// <summary>The exact shape of the result.</summary>
    public required OutputSpec Output { get; init; }

    public required RouteChoice Route { get; init; }

    public required long Credits { get; init; }

    /// <summary>How the seconds are billed; null where time has no price.</summary>
    public SecondRate? Rate { get; init; }

    /// <summary>A checked URL that is notified of the end of this order alone.</summary>
    public string? WebhookUrl { get; init; }

    public Attribution Attribution { get; init; } = Attribution.None;

    /// <summary>The column <c>tags</c>.</summary>
    public string? TagsColumn { get; init; }

    /// <summary>The column <c>inputs</c>, written here because the commit lane should not write JSON.</summary>
    public required string? InputsColumn { get; init; }

    /// <summary>The column <c>output</c>.</summary>
    public required string OutputColumn { get; init; }
}
