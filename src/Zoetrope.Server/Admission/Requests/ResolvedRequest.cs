using System.Collections.Immutable;
using System.Text.Json;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;

namespace Zoetrope.Server.Admission.Requests;

/// <summary>A request that fits its model, with every default filled in.</summary>
internal sealed record ResolvedRequest
{
    public required ModelSpec Model { get; init; }

    public required string Prompt { get; init; }

    /// <summary>
    /// UTF-8 JSON object of all parameters in the model's order, without the prompt and without input files.
    /// Equal requests have equal bytes.
    /// </summary>
    public required ReadOnlyMemory<byte> Parameters { get; init; }

    /// <summary>Input files in the order of the model's parameters.</summary>
    public required IReadOnlyList<InputReference> Inputs { get; init; }

    public long? Seed { get; init; }

    /// <summary>The values behind <see cref="Parameters"/>, by the model's index.</summary>
    public required ImmutableArray<ParameterValue> Values { get; init; }

    /// <summary>What of it decides whether a route fits.</summary>
    /// <param name="parameters">Its <see cref="Parameters"/>, parsed.</param>
    /// <param name="publicAddress">Whether vendors can fetch files from this server.</param>
    public RouteRequest OnRoutes(JsonElement parameters, bool publicAddress) =>
        RouteRequest.Of(Prompt, parameters, Inputs.Select(input => (input.Parameter, input.Kind)), publicAddress);
}

/// <summary>What a request costs and the exact shape of its result.</summary>
internal readonly record struct Quote(long Credits, OutputSpec Output, SecondRate? Rate);
