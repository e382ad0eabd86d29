using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Schema;

[Field("A parameter of a model: its possible values, and its value if a request does not give one.")]
internal sealed record ParameterEntry
{
    [Field("The type of its value.", Required = true)]
    public ParameterType Type { get; set; }

    [Field("One sentence for people and agents.")]
    public string Description { get; set; } = "";

    [Field("The only values that are allowed, in canonical spelling.", Of = ["string", "integer"])]
    public IReadOnlyList<JsonElement> Values { get; set; } = [];

    [Field("Other spellings that a request can use, each with the value that it means.")]
    public OrderedDictionary<string, string> Also { get; set; } = [];

    [Field("The smallest number.")]
    public double? Min { get; set; }

    [Field("The largest number.")]
    public double? Max { get; set; }

    [Field("The fewest characters, in UTF-16 units.", Min = 0, Max = 100_000)]
    public int? MinLength { get; set; }

    [Field("The most characters, in UTF-16 units. Required for a free text.", Min = 1, Max = 100_000)]
    public int? MaxLength { get; set; }

    [Field("The fewest items of an array.", Min = 0, Max = 64)]
    public int? MinItems { get; set; }

    [Field("The most items of an array. Required for an array.", Min = 1, Max = 64)]
    public int? MaxItems { get; set; }

    [Field("The fields of an item of an object[] parameter, by name.")]
    public OrderedDictionary<string, ParameterEntry> Fields { get; set; } = [];

    [Field("Whether a request must give it.")]
    public bool Required { get; set; }

    [Field("Another parameter and the value of it that makes this one required.")]
    public OrderedDictionary<string, JsonElement>? RequiredWhen { get; set; }

    [Field("Its value if a request does not give it.")]
    public JsonElement? Default { get; set; }

    [Field("What kind of file the URL names. Needs limits.")]
    public InputKind? Input { get; set; }

    [Field("What files are accepted. Goes together with input.")]
    public LimitsEntry? Limits { get; set; }
}

[Field("What files a parameter accepts.")]
internal sealed record LimitsEntry
{
    [Field("Bytes of one file.", Required = true, Min = 1, Max = 4_294_967_296)]
    public long MaxBytes { get; set; }

    [Field("Megapixels of one image; 36 by default.")]
    public double? MaxMegapixels { get; set; }

    [Field("The least width ÷ height of an image; 0.4 by default.")]
    public double? MinAspect { get; set; }

    [Field("The greatest width ÷ height of an image; 2.5 by default.")]
    public double? MaxAspect { get; set; }

    [Field("Seconds that a video or sound must have.")]
    public double? MinSeconds { get; set; }

    [Field("Seconds that a video or sound can have.")]
    public double? MaxSeconds { get; set; }

    [Field("The content types that are accepted, by the file's own signature.", Required = true)]
    public IReadOnlyList<string> ContentTypes { get; set; } = [];
}
