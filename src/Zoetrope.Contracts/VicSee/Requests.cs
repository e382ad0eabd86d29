using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zoetrope.Contracts.VicSee;

/// <summary>
/// Body of <c>POST /api/v1/generate</c> and <c>/estimate</c>. The prompt may be at the top or in <c>input</c>; the
/// parameters in <c>input</c> (snake_case, as <c>GET /api/v1/models</c> lists them) or, in the older shape, in
/// <c>options</c>.
/// </summary>
public sealed record GenerateRequest
{
    /// <summary>A model's id or alias.</summary>
    public required string Model { get; init; }

    /// <summary>What to make.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Prompt { get; init; }

    /// <summary>The model's parameters by name.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, JsonElement>? Input { get; init; }

    /// <summary>The older shape of the parameters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public GenerateOptions? Options { get; init; }

    /// <summary>A public https URL that is notified of the events of this task.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WebhookUrl { get; init; }

    /// <summary>Up to 8 names, each with a text of 1–64 characters, by which the task is found and counted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>Your own user that it is for, 1–128 characters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? User { get; init; }
}

/// <summary>The older shape of the parameters.</summary>
public sealed record GenerateOptions
{
    /// <summary>For example <c>16:9</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AspectRatio { get; init; }

    /// <summary>For example <c>720p</c> or <c>2K</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Resolution { get; init; }

    /// <summary>Seconds of a video.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Duration { get; init; }

    /// <summary>An input image: an https URL or base64.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Image { get; init; }
}

/// <summary>Body of <c>POST /api/v1/tools/upscale-image</c>.</summary>
public sealed record UpscaleImageRequest
{
    /// <summary>The image: an https URL, a data URI or an upload's public URL.</summary>
    [JsonPropertyName("image_url")]
    public required string ImageUrl { get; init; }

    /// <summary><c>1</c>, <c>2</c> (the default) or <c>4</c>.</summary>
    [JsonPropertyName("upscale_factor")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? UpscaleFactor { get; init; }

    /// <summary>A public https URL that is notified of the events of this task.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WebhookUrl { get; init; }

    /// <summary>Up to 8 names, each with a text of 1–64 characters, by which the task is found and counted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>Your own user that it is for, 1–128 characters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? User { get; init; }
}

/// <summary>Body of <c>POST /api/v1/tools/upscale-video</c>.</summary>
public sealed record UpscaleVideoRequest
{
    /// <summary>The video, at most 60 s: an https URL or an upload's public URL.</summary>
    [JsonPropertyName("video_url")]
    public required string VideoUrl { get; init; }

    /// <summary><c>1</c>, <c>2</c> (the default) or <c>4</c>.</summary>
    [JsonPropertyName("upscale_factor")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? UpscaleFactor { get; init; }

    /// <summary>A public https URL that is notified of the events of this task.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WebhookUrl { get; init; }

    /// <summary>Up to 8 names, each with a text of 1–64 characters, by which the task is found and counted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>Your own user that it is for, 1–128 characters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? User { get; init; }
}

/// <summary>Body of <c>POST /api/v1/upload</c>.</summary>
public sealed record UploadRequest
{
    /// <summary>MIME type that the PUT will carry.</summary>
    public required string ContentType { get; init; }

    /// <summary>Size of the file, checked early when given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? SizeBytes { get; init; }
}
