using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Studio.State;

/// <summary>What somebody has written and not sent; kept in the browser, one for each account and mode.</summary>
public sealed record Draft
{
    public string? Family { get; init; }

    public string Prompt { get; init; } = "";

    /// <summary>Settings that differ from the model's own, as text.</summary>
    public Dictionary<string, string> Values { get; init; } = [];

    public List<DraftFile> Files { get; init; } = [];
}

/// <summary>A file that the server has already.</summary>
public sealed record DraftFile(string Kind, string Name, string Url);

/// <summary>A press of Make that has no answer yet. Sent again with its key it makes nothing twice.</summary>
public sealed record Pending(string Key, GenerateRequest Request);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Draft))]
[JsonSerializable(typeof(Pending))]
[JsonSerializable(typeof(GenerateRequest))]
[JsonSerializable(typeof(List<GenerateRequest>))]
internal sealed partial class StudioJson : JsonSerializerContext;
