using System.Text.Json;

namespace Zoetrope.Contracts.VicSee;

/// <summary>One model of <c>GET /api/v1/models</c>: what it accepts, what it makes and what it costs.</summary>
public sealed record ModelListing
{
    /// <summary>The name that a request uses.</summary>
    public required string Id { get; init; }

    /// <summary>For people.</summary>
    public required string Name { get; init; }

    /// <summary>Who trained it.</summary>
    public required string Vendor { get; init; }

    /// <summary>Models that differ only in their mode share it.</summary>
    public required string Family { get; init; }

    /// <summary><see cref="MediaType"/> under VicSee's name for it.</summary>
    public string? Type { get; init; }

    /// <summary><c>image</c> or <c>video</c>.</summary>
    public required string MediaType { get; init; }

    /// <summary><c>text-to-image</c>, <c>image-to-video</c>, …</summary>
    public required string Mode { get; init; }

    /// <summary>Other names that a request may use.</summary>
    public required IReadOnlyList<string> Aliases { get; init; }

    /// <summary>One sentence.</summary>
    public required string Description { get; init; }

    /// <summary>Whether the calling key can use it now.</summary>
    public required bool Available { get; init; }

    /// <summary>Its parameters by name, the prompt among them.</summary>
    public required IReadOnlyDictionary<string, ModelParameter> Parameters { get; init; }

    /// <summary>How many input images it accepts at most.</summary>
    public int MaxImages { get; init; }

    /// <summary>How many input videos it accepts at most.</summary>
    public int MaxVideos { get; init; }

    /// <summary>How many input sounds it accepts at most.</summary>
    public int MaxAudios { get; init; }

    /// <summary>How long a prompt may be and which files it accepts.</summary>
    public ModelLimits? Limits { get; init; }

    /// <summary>The price rule; <c>from</c> is the lowest price and <c>example</c> that of a request without parameters.</summary>
    public required JsonElement Credits { get; init; }

    /// <summary><c>vicsee</c> if VicSee published the price, <c>zoetrope</c> if it was derived.</summary>
    public string? PriceSource { get; init; }

    /// <summary>Whether it will be shut down, and when.</summary>
    public ModelLifecycle? Lifecycle { get; init; }

    /// <summary>Facts that no public VicSee page states, taken from the vendor or set by the server.</summary>
    public IReadOnlyList<string> Assumed { get; init; } = [];

    /// <summary>How long one result usually takes.</summary>
    public int TypicalSeconds { get; init; }

    /// <summary>JSON Schema of a request's <c>input</c>.</summary>
    public required JsonElement InputSchema { get; init; }
}

/// <summary>What a model refuses before it starts.</summary>
public sealed record ModelLimits
{
    /// <summary>Characters of a prompt.</summary>
    public int PromptMaxChars { get; init; }

    /// <summary>Seconds of all input videos together; null is no limit.</summary>
    public int? TotalVideoSeconds { get; init; }

    /// <summary>Seconds of all input sounds together; null is no limit.</summary>
    public int? TotalAudioSeconds { get; init; }

    /// <summary>The parameters that accept files, by name.</summary>
    public IReadOnlyDictionary<string, ModelFileLimits> Files { get; init; } = new Dictionary<string, ModelFileLimits>();
}

/// <summary>Which files a parameter accepts.</summary>
public sealed record ModelFileLimits
{
    /// <summary>Size of one file.</summary>
    public long MaxBytes { get; init; }

    /// <summary>Megapixels (10⁶) of an image.</summary>
    public double? MaxMegapixels { get; init; }

    /// <summary>The least width ÷ height of an image.</summary>
    public double? MinAspect { get; init; }

    /// <summary>The greatest width ÷ height of an image.</summary>
    public double? MaxAspect { get; init; }

    /// <summary>Seconds that a video or sound must have.</summary>
    public double? MinSeconds { get; init; }

    /// <summary>Seconds that a video or sound can have.</summary>
    public double? MaxSeconds { get; init; }

    /// <summary>MIME types.</summary>
    public IReadOnlyList<string> ContentTypes { get; init; } = [];
}

/// <summary>Whether a model will be shut down.</summary>
/// <param name="Status"><c>active</c>, <c>deprecated</c> or <c>retired</c>.</param>
public sealed record ModelLifecycle(string Status)
{
    /// <summary>The day on which its end was announced, as <c>2030-01-31</c>.</summary>
    public string? Announced { get; init; }

    /// <summary>The day it stops, as <c>2030-01-31</c>.</summary>
    public string? Shutdown { get; init; }

    /// <summary>What to use instead.</summary>
    public string? Replacement { get; init; }

    /// <summary>For people.</summary>
    public string? Note { get; init; }
}

/// <summary>A parameter of a model, in the words of JSON Schema.</summary>
public sealed record ModelParameter
{
    /// <summary><c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c> or <c>array</c>.</summary>
    public required string Type { get; init; }

    /// <summary>How many items an array must have.</summary>
    public int? MinItems { get; init; }

    /// <summary>How many items an array may have.</summary>
    public int? MaxItems { get; init; }

    /// <summary>JSON Schema of an array's items.</summary>
    public JsonElement? Items { get; init; }

    /// <summary>The only values, as texts or numbers; null if there are others.</summary>
    public IReadOnlyList<JsonElement>? Enum { get; init; }

    /// <summary>How long a text must be.</summary>
    public int? MinLength { get; init; }

    /// <summary>How long a text may be.</summary>
    public int? MaxLength { get; init; }

    /// <summary>The least number.</summary>
    public double? Minimum { get; init; }

    /// <summary>The greatest number.</summary>
    public double? Maximum { get; init; }

    /// <summary>The value if a request does not send it.</summary>
    public JsonElement? Default { get; init; }

    /// <summary>Whether a request must send it.</summary>
    public bool Required { get; init; }

    /// <summary>When a request must send it although it is not always required, such as <c>mode = edit</c>.</summary>
    public string? RequiredWhen { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }
}
