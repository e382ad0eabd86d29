using System.Collections.Immutable;

namespace Zoetrope.Server.Catalog.Routes;

/// <summary>What a vendor accepts as input files; anything else is converted before an adapter sees it.</summary>
internal sealed record InputForm
{
    /// <summary>Image types it reads; others become PNG where the picture has transparency, otherwise JPEG.</summary>
    public ImmutableArray<string> ImageTypes { get; init; } = ["image/jpeg", "image/png", "image/webp"];

    /// <summary>Largest image file in bytes; a larger one is encoded again, smaller where it must be.</summary>
    public long MaxImageBytes { get; init; } = 30_000_000;

    /// <summary>Longest side of an image in pixels; a larger one is scaled down.</summary>
    public int MaxImageSide { get; init; } = 8_192;

    /// <summary>
    /// Kinds that it accepts as a public URL only, neither inline nor uploaded; without a public address of this server such a
    /// request has no route.
    /// </summary>
    public ImmutableArray<InputKind> UrlOnly { get; init; } = [];
}
