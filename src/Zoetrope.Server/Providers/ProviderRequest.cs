using Zoetrope.Server.Catalog.Routes;

namespace Zoetrope.Server.Providers;

/// <summary>One submission in the provider's terms: resolved, priced and admitted.</summary>
internal sealed record ProviderRequest : RouteCall<ProviderInput>
{
    /// <summary>Our attempt id: the vendor's idempotency key, external id or callback token.</summary>
    public required string AttemptId { get; init; }

    /// <summary>The credential of this attempt; polls and cancels use the one that submitted.</summary>
    public ProviderKey Key { get; init; } = ProviderKey.None;

    /// <summary>
    /// Where the vendor may call back, unguessable and for this attempt alone; null if this server has no public URL.
    /// </summary>
    public Uri? CallbackUrl { get; init; }

    /// <summary>Our public model id.</summary>
    public required string Model { get; init; }

    /// <summary>
    /// text-to-image, image-to-image, text-to-video, image-to-video, first-last-frame-to-video, reference-to-video,
    /// video-edit or upscale.
    /// </summary>
    public required string Mode { get; init; }

    /// <summary>When the intent was written; evidence class C searches from here.</summary>
    public required DateTimeOffset IntendedAt { get; init; }

    /// <summary>What a lookup may ask our own books.</summary>
    public OwnAttempts Own { get; init; } = OwnAttempts.Alone;
}

/// <summary>An input file, already fetched, checked and stored by us.</summary>
/// <param name="Parameter">The parameter it came from (<c>image_urls</c>, <c>reference_video_urls</c>, <c>video_url</c>, …).</param>
/// <param name="Path">Local file to read.</param>
/// <param name="ContentType">Type by signature, one of the vendor's <see cref="InputForm"/>.</param>
/// <param name="Publish">Makes a signed https URL of this file that the vendor can fetch for a day; null where this server
/// has no public URL. The copy that it may need is made only when it is called.</param>
internal sealed record ProviderInput(
    string Parameter, string Path, string ContentType, Func<Task<Uri?>>? Publish = null) : RouteFile(Parameter)
{
    /// <summary>The URL, or null where there cannot be one.</summary>
    public Task<Uri?> PublicUrlAsync() => Publish?.Invoke() ?? Task.FromResult<Uri?>(null);
}
