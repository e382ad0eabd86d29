using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;

namespace Zoetrope.Server.Catalog.Routes;

/// <summary>One way to serve a model: a provider, its model id, and how our parameters are said in its words. From the catalogue.</summary>
internal sealed record RouteSpec
{
    public required string Provider { get; init; }

    /// <summary>The vendor's model id. <c>{mode}</c> stands for the translated value of a parameter whose field is <c>&lt;model&gt;</c>.</summary>
    public required string Model { get; init; }

    /// <summary>Our parameters in the order in which they are written into the vendor's request.</summary>
    public required ImmutableArray<RouteField> Params { get; init; }

    /// <summary>
    /// How values change on the way, by our parameter: a word ("decimal-string", "seconds-suffix", "lower-case", …) or a
    /// map of values. The words are those of <see cref="RouteTranslation"/>.
    /// </summary>
    public required FrozenDictionary<string, JsonElement> Transforms { get; init; }

    /// <summary>What of a parameter this route can do where that is less than the model: an array of values, or <c>{"min", "max"}</c>; for inputs <c>{"max"}</c> counts files, of all parameters together under the name <c>*</c>.</summary>
    public required FrozenDictionary<string, JsonElement> Accepts { get; init; }

    /// <summary>Values that hold at this vendor without being said, one or an array of them; any other value makes the route ineligible.</summary>
    public required FrozenDictionary<string, JsonElement> Implied { get; init; }

    /// <summary>Sent with every request, by field path.</summary>
    public required ImmutableArray<KeyValuePair<string, JsonElement>> Fixed { get; init; }

    /// <summary>Vendor particulars that its adapter knows: fal's queue path, Ark's mainland id, an endpoint's path.</summary>
    public required FrozenDictionary<string, JsonElement> Extra { get; init; }

    /// <summary>A limit of this route that an operator should know.</summary>
    public string? Note { get; init; }

    /// <summary>A route without translation: the provider speaks our words.</summary>
    public static RouteSpec InOurWords(string provider, string model) => new()
    {
        Provider = provider,
        Model = model,
        Params = [],
        Transforms = FrozenDictionary<string, JsonElement>.Empty,
        Accepts = FrozenDictionary<string, JsonElement>.Empty,
        Implied = FrozenDictionary<string, JsonElement>.Empty,
        Fixed = [],
        Extra = FrozenDictionary<string, JsonElement>.Empty,
    };

    /// <summary>Whether a field of its own says what becomes of this parameter or its files.</summary>
    public bool Names(string parameter) => Params.Any(field => field.Ours.Split('+').Any(ours => ours == parameter || ours.StartsWith(parameter + "[", StringComparison.Ordinal)));

    public string? ExtraText(string name) =>
        Extra.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>One parameter on its way to the vendor.</summary>
/// <param name="Ours">
/// Our name (<c>duration</c>), two of them combined (<c>resolution+aspect_ratio</c>), or input files: <c>image_urls[0]</c> one,
/// <c>image_urls[]</c> each of those not named by index, <c>image_urls</c> all as one array (a single file where the parameter holds one);
/// <c>*</c> every parameter that no other field names, under its own name, as members of the path.
/// </param>
/// <param name="Path">
/// The vendor's field: <c>a.b</c> members, <c>a[0]</c> an element, <c>a[]</c> a new element per value,
/// <c>a[type=x,role=y]</c> a new element with these members, <c>a{n}</c> a field numbered by the file's place, <c>w+h</c>
/// two fields, <c>&lt;model&gt;</c> a part of the model id, <c>&lt;result&gt;</c> done by us when the result is stored. Null: the vendor has no such field.
/// </param>
internal sealed record RouteField(string Ours, string? Path)
{
    /// <summary>Stands for all parameters that have no field of their own.</summary>
    public const string Others = "*";
}
