using System.Text.Json;
using Zoetrope.Workers;

namespace Zoetrope.Server.Providers.Sandbox;

/// <summary>A request of the gateway in the renderer's words. The markers of a prompt are ours and are never drawn.</summary>
internal static class RenderRequest
{
    /// <param name="request">The request.</param>
    /// <param name="inputs">Its files, by names that mean the same on every node. Which path the result gets is up to who draws.</param>
    public static RenderJob ToJob(ProviderRequest request, IReadOnlyList<RenderInput> inputs)
    {
        var (parameters, output) = (request.Parameters, request.Output);
        var seed = Find(parameters, "seed", JsonValueKind.Number) is { } value && value.TryGetInt64(out var number) ? number : 0;
        var keep = request.Mode == "upscale" || Find(parameters, "audio_setting", JsonValueKind.String)?.GetString() == "origin";
        return new RenderJob(
            request.AttemptId,
            request.Model,
            request.Mode,
            MagicPrompts.Strip(request.Prompt),
            seed,
            keep,
            inputs,
            new RenderOutput(
                output.Media == MediaType.Video, output.Format, output.Width, output.Height, output.FramesPerSecond,
                    output.DurationSeconds, output.Audio,
                    Find(parameters, "background", JsonValueKind.String)?.GetString() == "transparent" && output.Format != "jpeg"),
            Path: "");
    }

    private static JsonElement? Find(JsonElement parameters, string name, JsonValueKind kind) =>
        parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty(name, out var value) && value.ValueKind == kind ? value
            : null;
}
