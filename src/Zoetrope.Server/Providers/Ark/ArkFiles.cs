using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.Ark;

/// <summary>How input files reach Ark: pictures inside the request as long as they fit there; clips always by a public URL.</summary>
internal static class ArkFiles
{
    /// <summary>A request may have 64 MB; base64 adds a third.</summary>
    private const long MaxInlineBytes = 45_000_000;

    /// <summary>Puts the files that go by URL into the body; otherwise why a clip cannot be sent.</summary>
    public static async Task<ProviderError?> PlaceAsync(ProviderRequest request, VendorBody body)
    {
        var tooLarge = request.Inputs.Where(input => !IsVideo(input)).Sum(input => new FileInfo(input.Path).Length) > MaxInlineBytes;
        var inline = await body.PlacePublicAsync(request.Inputs.Where(input => IsVideo(input) || tooLarge));
        return inline.Any(IsVideo)
            ? new ProviderError(
                ProviderErrorKind.Unavailable, "no_public_url", "Ark fetches videos from a public URL, and this server has none.")
            : null;
    }

    private static bool IsVideo(ProviderInput input) => input.ContentType.StartsWith("video/", StringComparison.Ordinal);
}
