using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zoetrope.Server.Catalog.Routes.Transforms;

/// <summary>How a value changes on its way to the vendor: a word of the catalogue's <c>transforms</c>, or a map of values.</summary>
internal abstract record Transform
{
    /// <summary>The one word that is not of a value but of files: see <see cref="FileShape.OneOrMany"/>.</summary>
    public const string OneOrMany = "one-or-many";

    /// <summary>A parameter without a transform.</summary>
    public static readonly Transform None = new AsIs();

    /// <summary>The words for values, each with what it does.</summary>
    public static readonly FrozenDictionary<string, Transform> Words = new Dictionary<string, Transform>
    {
        ["decimal-string"] = new DecimalString(),
        ["seconds-suffix"] = new SecondsSuffix(),
        ["lower-case"] = new LowerCase(),
        ["upper-case"] = new UpperCase(),
        ["number"] = new TextToNumber(),
        ["width-x-height"] = new SizeText(),
        ["width-height"] = new SizeObject(),
        ["shots"] = new ItemList(IsNumbered: false),
        ["numbered-shots"] = new ItemList(IsNumbered: true),
        ["shots-text"] = new JsonText(),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The vendor's value; null leaves the field out.</summary>
    public abstract JsonNode? Apply(in RouteValue value);

    public static JsonNode? Node(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(value.Clone()),
        JsonValueKind.Array => JsonArray.Create(value.Clone()),
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => JsonValue.Create(value.Clone()),
    };
}

/// <summary>A value of a request for one field of a route.</summary>
/// <param name="First">The parameter's value, or the first one's of two; undefined where the request has none.</param>
/// <param name="Second">The second one's.</param>
/// <param name="Output">What the result must look like.</param>
internal readonly record struct RouteValue(JsonElement First, JsonElement Second, OutputSpec Output)
{
    /// <summary>The first value as a text.</summary>
    public string Text => TextOf(First);

    /// <summary>Null where the request gives none of the parameters.</summary>
    public static RouteValue? Of(RouteSource.Value source, JsonElement parameters, OutputSpec output)
    {
        var first = At(parameters, source.First);
        var second = source.Second is null ? default : At(parameters, source.Second);
        return IsGiven(first) || IsGiven(second) ? new RouteValue(first, second, output) : null;
    }

    public static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined => "",
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };

    private static JsonElement At(JsonElement parameters, string name) => parameters.TryGetProperty(name, out var value) ? value : default;

    private static bool IsGiven(JsonElement value) => value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);
}
