using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Zoetrope.Server.Catalog.Routes;

/// <summary>
/// One way to serve a model: a provider, its model id, and how our parameters are said in its words. From the catalogue, which
/// checks and parses all of it when it is loaded.
/// </summary>
internal sealed record RouteSpec
{
    /// <summary>The providers that routes may use: the vendors, who register before anything reads a catalogue.</summary>
    public static IReadOnlyList<RouteProvider> KnownProviders { get; set; } = [];

    public required string Provider { get; init; }

    /// <summary>The vendor's model id. A placeholder such as <c>{mode}</c> stands for the translated value of a parameter.</summary>
    public required string Model { get; init; }

    /// <summary>Our parameters in the order in which they are written into the vendor's request.</summary>
    public required ImmutableArray<RouteField> Fields { get; init; }

    /// <summary>
    /// What this route can do with each of our parameters, with the <see cref="RouteReach.Prompt"/> and with
    /// <see cref="RouteReach.AllFiles"/> together.
    /// </summary>
    public required FrozenDictionary<string, RouteReach> Reach { get; init; }

    /// <summary>Sent with every request.</summary>
    public required ImmutableArray<FixedField> Fixed { get; init; }

    /// <summary>Whether the vendor is told the format of the result, so that it can keep a picture's transparency.</summary>
    public bool SaysFormat => Fixed.Any(static value => value.SaysFormat);

    /// <summary>Vendor particulars that its adapter knows: fal's queue path, Ark's mainland id, an endpoint's path.</summary>
    public required FrozenDictionary<string, string> Extra { get; init; }

    /// <summary>A limit of this route that an operator should know.</summary>
    public string? Note { get; init; }

    /// <summary>A route without translation: the provider speaks our words.</summary>
    public static RouteSpec InOurWords(string provider, string model) => new()
    {
        Provider = provider,
        Model = model,
        Fields = [],
        Reach = FrozenDictionary<string, RouteReach>.Empty,
        Fixed = [],
        Extra = FrozenDictionary<string, string>.Empty,
    };

    public string? ExtraText(string name) => Extra.GetValueOrDefault(name);
}
