using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zoetrope.Contracts.VicSee;

/// <summary>A model as <c>GET /api/v1/models</c> lists it: everything needed to ask for it correctly.</summary>
public sealed record ModelEntry
{
    /// <summary>The name that requests give.</summary>
    public required string Id { get; init; }

    /// <summary>Its name for people.</summary>
    public required string Name { get; init; }

    /// <summary>Who makes it.</summary>
    public required string Vendor { get; init; }

    /// <summary>What it shares with its variants.</summary>
    public required string Family { get; init; }

    /// <summary><c>image</c> or <c>video</c>.</summary>
    public required string Type { get; init; }

    /// <summary>What it does, as <c>text-to-video</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>Other names that requests may give.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>For people.</summary>
    public string Description { get; init; } = "";

    /// <summary>Whether the asking key can use it now.</summary>
    public required bool Available { get; init; }

    /// <summary>Each parameter by name: a JSON Schema with <c>required</c> beside it.</summary>
    public IReadOnlyDictionary<string, JsonElement> Parameters { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Input images at most.</summary>
    public int MaxImages { get; init; }

    /// <summary>Input videos at most.</summary>
    public int MaxVideos { get; init; }

    /// <summary>Input sounds at most.</summary>
    public int MaxAudios { get; init; }

    /// <summary>How long a prompt and how large the input files may be.</summary>
    public ModelLimits? Limits { get; init; }

    /// <summary>The price.</summary>
    public required ModelPrice Credits { get; init; }

    /// <summary>Where the price comes from: the vendor's list, or an estimate.</summary>
    public string? PriceSource { get; init; }

    /// <summary>Whether it will go, and when.</summary>
    public ModelLifecycle? Lifecycle { get; init; }

    /// <summary>Seconds that a task usually takes.</summary>
    public double TypicalSeconds { get; init; }

    /// <summary>The JSON Schema of <see cref="GenerateRequest.Input"/>.</summary>
    public JsonElement InputSchema { get; init; }
}

/// <summary>What a model refuses before it starts.</summary>
public sealed record ModelLimits
{
    /// <summary>Characters of a prompt.</summary>
    public int PromptMaxChars { get; init; }

    /// <summary>The parameters that take files, by name.</summary>
    public IReadOnlyDictionary<string, ModelFileLimits> Files { get; init; } = new Dictionary<string, ModelFileLimits>();
}

/// <summary>What files a parameter takes.</summary>
public sealed record ModelFileLimits
{
    /// <summary>Size of one file.</summary>
    public long MaxBytes { get; init; }

    /// <summary>MIME types.</summary>
    public IReadOnlyList<string> ContentTypes { get; init; } = [];
}

/// <summary>A model's price in credits. How it depends on the parameters stands in the other members, which differ by rule.</summary>
public sealed record ModelPrice
{
    /// <summary>The rule's kind, as <c>flat</c>, <c>table</c> or <c>perSecond</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The lowest price of any request.</summary>
    public required long From { get; init; }

    /// <summary>The price of a request that sets nothing; null where an input file decides it.</summary>
    public long? Example { get; init; }

    /// <summary>The rest of the rule.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Rule { get; init; }
}

/// <summary>Whether a model will go.</summary>
/// <param name="Status"><c>active</c>, <c>deprecated</c> or <c>retired</c>.</param>
public sealed record ModelLifecycle(string Status)
{
    /// <summary>The day it stops, as <c>2030-01-31</c>.</summary>
    public string? Shutdown { get; init; }

    /// <summary>What to use instead.</summary>
    public string? Replacement { get; init; }

    /// <summary>For people.</summary>
    public string? Note { get; init; }
}
