using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zoetrope.Server.Providers.Sandbox.Worker;

/// <summary>One line to the worker: everything a result depends on, and where to put it.</summary>
internal sealed record RenderJob(
    string Id,
    string Model,
    string Mode,
    string Prompt,
    long Seed,
    bool KeepAudio,
    IReadOnlyList<ProviderInput> Inputs,
    OutputSpec Output,
    string Path)
{
    public static RenderJob From(ProviderRequest request, string path)
    {
        var parameters = request.Parameters;
        long seed = 0;
        var keep = request.Mode == "upscale";
        if (parameters.ValueKind == JsonValueKind.Object)
        {
            if (parameters.TryGetProperty("seed", out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number))
            {
                seed = number;
            }

            keep |= parameters.TryGetProperty("audio_setting", out var audio) && audio.ValueKind == JsonValueKind.String && audio.GetString() == "origin";
        }

        return new RenderJob(request.AttemptId, request.Model, request.Mode, request.Prompt, seed, keep, request.Inputs, request.Output, path);
    }

    /// <summary>Frames of a video.</summary>
    [JsonIgnore]
    public int Frames => Math.Max(1, (int)Math.Round(Output.DurationSeconds * Output.FramesPerSecond, MidpointRounding.AwayFromZero));
}

/// <summary>One line from the worker: progress while <see cref="Done"/> is false and <see cref="Error"/> null.</summary>
/// <param name="Id">Of the job.</param>
/// <param name="Progress">0–99.</param>
/// <param name="Done">The file is complete.</param>
/// <param name="Error">Why there will be no file.</param>
/// <param name="Input">The error is the input's, not ours.</param>
internal sealed record RenderReport(string Id, int Progress, bool Done = false, string? Error = null, bool Input = false);

[JsonSerializable(typeof(RenderJob))]
[JsonSerializable(typeof(RenderReport))]
internal sealed partial class RenderJson : JsonSerializerContext;

/// <summary>An input file that cannot be used.</summary>
internal sealed class UnusableInputException(string message) : Exception(message);
