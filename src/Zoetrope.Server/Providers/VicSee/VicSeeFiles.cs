using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Zoetrope.Server.Egress;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.VicSee;

/// <summary>
/// How input files reach VicSee: images inside the request, which is then the same however often it is sent; videos, sounds
/// and more images than a request holds by a URL of ours, or by an upload where this server has no public address.
/// </summary>
internal sealed class VicSeeFiles(ProviderTools tools, Func<HttpMethod, string, ProviderKey, HttpRequestMessage> call)
{
    /// <summary>Bytes of images in one request; as base64 they are a third more.</summary>
    private const long MostInline = 40 * 1024 * 1024;
    private static readonly TimeSpan PutLimit = TimeSpan.FromMinutes(4);

    /// <summary>Puts the files that are sent by URL into the body; otherwise why one of them could not be uploaded.</summary>
    public async Task<ProviderError?> PlaceAsync(ProviderRequest asked, VendorBody body, CancellationToken cancellationToken)
    {
        var room = MostInline;
        foreach (var input in asked.Inputs)
        {
            room -= new FileInfo(input.Path).Length;
            if (input.ContentType.StartsWith("image/", StringComparison.Ordinal) && room >= 0)
            {
                continue;
            }

            var (url, error) = await input.PublicUrlAsync() is { } ours
                ? (ours, null)
                : await UploadAsync(input, asked.Key, cancellationToken);
            if (error is not null)
            {
                return error;
            }

            body.Place(input, url!.AbsoluteUri);
        }

        return null;
    }

    private async Task<(Uri? Url, ProviderError? Error)> UploadAsync(
        ProviderInput input, ProviderKey key, CancellationToken cancellationToken)
    {
        try
        {
            var ask = call(HttpMethod.Post, "upload", key);
            ask.Content = JsonContent.Create(
                new JsonObject { ["contentType"] = input.ContentType, ["sizeBytes"] = new FileInfo(input.Path).Length });
            var ticket = await tools.Client.SendAsync(ask, cancellationToken);
            if (!ticket.IsSuccess)
            {
                return (null, VicSeeWire.Refusal(ticket) ?? Failed($"HTTP {ticket.Status}"));
            }

            if (ticket.Json.UrlAt("data", "uploadUrl") is not { } target || ticket.Json.UrlAt("data", "publicUrl") is not { } url)
            {
                return (null, Failed("the answer contains no upload URL"));
            }

            await using var stream = new FileStream(
                input.Path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
            using var put = new HttpRequestMessage(HttpMethod.Put, target) { Content = new StreamContent(stream) };

            // The URL is signed for exactly this type.
            put.Content.Headers.ContentType = new MediaTypeHeaderValue(input.ContentType);
            var status = await PutAsync(put, target, cancellationToken);
            return status is >= 200 and < 300 ? (url, null) : (null, Failed($"the upload URL answered HTTP {status}"));
        }
        catch (Exception exception) when (exception is HttpRequestException or EgressException or IOException
            or OperationCanceledException or InvalidDataException)
        {
            return (null, Failed(exception.Message));
        }
    }

    // The operator vouches for the upstream's own URL, private or not; any other one is a stranger's.
    private async Task<int> PutAsync(HttpRequestMessage put, Uri target, CancellationToken cancellationToken)
    {
        if (target.GetLeftPart(UriPartial.Authority) == tools.BaseUrl.GetLeftPart(UriPartial.Authority))
        {
            return (await tools.Client.SendAsync(put, cancellationToken)).Status;
        }

        using var response = await tools.Egress.SendAsync(put, cancellationToken, PutLimit);
        return (int)response.StatusCode;
    }

    private static ProviderError Failed(string reason) =>
        new(ProviderErrorKind.Unavailable, "upload", $"An input file could not be uploaded: {reason}");
}
