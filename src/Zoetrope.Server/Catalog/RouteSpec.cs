using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;

namespace Zoetrope.Server.Catalog;

/// <summary>One way to serve a model: a provider, its model id, and how our parameters are said in its words.</summary>
internal sealed record RouteSpec
{
    /// <summary>Names a route may use; the registry decides which of them are configured.</summary>
    public static readonly ImmutableArray<string> KnownProviders =
    [
        "ark", "bfl", "comfyui", "fal", "gemini", "kling", "minimax", "openai", "replicate", "runway", "vertex", "vicsee",
    ];

    public required string Provider { get; init; }

    public required string Model { get; init; }

    /// <summary>Our parameter to the vendor's field path; null means the vendor has none and it is left out.</summary>
    public required FrozenDictionary<string, string?> Params { get; init; }

    /// <summary>
    /// How values change on the way: a word ("decimal-string", "seconds-suffix", "lower-case", …) or a map of values.
    /// </summary>
    public required FrozenDictionary<string, JsonElement> Transforms { get; init; }

    /// <summary>Sent with every request.</summary>
    public required FrozenDictionary<string, JsonElement> Fixed { get; init; }

    /// <summary>Vendor particulars: fal's queue path, Ark's mainland id, pixel ranges.</summary>
    public required FrozenDictionary<string, JsonElement> Extra { get; init; }

    /// <summary>A limit of this route that an operator should know.</summary>
    public string? Note { get; init; }
}
