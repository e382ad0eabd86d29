using System.Text.Json.Serialization;

namespace Zoetrope.Workers;

/// <summary>One job of <c>Zoetrope.Sandbox</c>: everything a result depends on, and where to put it.</summary>
internal sealed record RenderJob(
    string Id,
    string Model,
    string Mode,
    string Prompt,
    long Seed,
    bool KeepAudio,
    IReadOnlyList<RenderInput> Inputs,
    RenderOutput Output,
    string Path)
{
    /// <summary>Frames of a video.</summary>
    [JsonIgnore]
    public int Frames => Math.Max(1, (int)Math.Round(Output.DurationSeconds * Output.FramesPerSecond, MidpointRounding.AwayFromZero));
}

/// <summary>A customer's file, for reading only.</summary>
internal sealed record RenderInput(string Path, string ContentType);

/// <summary>The exact shape of the result.</summary>
/// <param name="IsVideo">A video; otherwise an image, and the rates below are 0.</param>
/// <param name="Format">png, jpeg, webp or mp4.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
/// <param name="FramesPerSecond">Of a video.</param>
/// <param name="DurationSeconds">Of a video.</param>
/// <param name="Audio">Whether a video has a sound track.</param>
/// <param name="Transparent">Whether an image has no background.</param>
internal sealed record RenderOutput(bool IsVideo, string Format, int Width, int Height, int FramesPerSecond = 0,
    double DurationSeconds = 0, bool Audio = false, bool Transparent = false);

/// <summary>The worker's answer: progress while <see cref="Done"/> is false and <see cref="Error"/> null.</summary>
/// <param name="Id">Of the job.</param>
/// <param name="Progress">0–99.</param>
/// <param name="Done">The file is complete.</param>
/// <param name="Error">Why there will be no file, in our own words.</param>
/// <param name="Input">The error is the input's, not ours.</param>
/// <param name="Detail">What a library or program said. For the log alone: it may hold paths and addresses.</param>
internal sealed record RenderReport(string Id, int Progress, bool Done = false, string? Error = null, bool Input = false,
    string? Detail = null);

[JsonSerializable(typeof(RenderJob))]
[JsonSerializable(typeof(RenderReport))]
internal sealed partial class RenderJson : JsonSerializerContext;
