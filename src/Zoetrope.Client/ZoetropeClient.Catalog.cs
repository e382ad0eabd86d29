using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <content>The catalogue, and the tools that have a body of their own.</content>
public sealed partial class ZoetropeClient
{
    /// <summary>The models with their parameters, limits and prices, and whether this key can use them now.</summary>
    /// <param name="type"><c>image</c> or <c>video</c>; null for both.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The models in the catalogue's order.</returns>
    public Task<IReadOnlyList<ModelEntry>> ModelsAsync(string? type = null, CancellationToken cancellationToken = default)
    {
        var path = type is null ? "api/v1/models" : $"api/v1/models?{Part("type", type)}";
        return _transport.CallAsync(() => new HttpRequestMessage(HttpMethod.Get, path), CatalogJson.Default.EnvelopeIReadOnlyListModelEntry, cancellationToken);
    }

    /// <summary>Starts the upscale of an image.</summary>
    /// <param name="request">Which image, and how much larger.</param>
    /// <param name="idempotencyKey">As of <see cref="GenerateAsync"/>.</param>
    /// <param name="cancellationToken">Ends the call; the task may exist all the same.</param>
    /// <returns>The task, and what was found out about the image.</returns>
    public Task<UpscaleCreated> UpscaleImageAsync(UpscaleImageRequest request, string? idempotencyKey = null, CancellationToken cancellationToken = default)
    {
        var key = idempotencyKey ?? Guid.NewGuid().ToString("N");
        return _transport.CallAsync(
            () => Keyed(new HttpRequestMessage(HttpMethod.Post, "api/v1/tools/upscale-image") { Content = JsonContent.Create(request, CatalogJson.Default.UpscaleImageRequest) }, key),
            CatalogJson.Default.EnvelopeUpscaleCreated,
            cancellationToken);
    }

    /// <summary>Starts the upscale of a video.</summary>
    /// <param name="request">Which video, and how much larger.</param>
    /// <param name="idempotencyKey">As of <see cref="GenerateAsync"/>.</param>
    /// <param name="cancellationToken">Ends the call; the task may exist all the same.</param>
    /// <returns>The task, and what was found out about the video.</returns>
    public Task<UpscaleCreated> UpscaleVideoAsync(UpscaleVideoRequest request, string? idempotencyKey = null, CancellationToken cancellationToken = default)
    {
        var key = idempotencyKey ?? Guid.NewGuid().ToString("N");
        return _transport.CallAsync(
            () => Keyed(new HttpRequestMessage(HttpMethod.Post, "api/v1/tools/upscale-video") { Content = JsonContent.Create(request, CatalogJson.Default.UpscaleVideoRequest) }, key),
            CatalogJson.Default.EnvelopeUpscaleCreated,
            cancellationToken);
    }
}

/// <summary>How the catalogue and the tools are read and written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Envelope<IReadOnlyList<ModelEntry>>))]
[JsonSerializable(typeof(UpscaleImageRequest))]
[JsonSerializable(typeof(UpscaleVideoRequest))]
[JsonSerializable(typeof(Envelope<UpscaleCreated>))]
internal sealed partial class CatalogJson : JsonSerializerContext;
