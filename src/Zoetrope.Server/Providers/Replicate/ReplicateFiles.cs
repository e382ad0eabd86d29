using System.Net.Http.Headers;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.Replicate;

/// <summary>Puts input files at Replicate that are too large for a data URI; that is free, and they expire by themselves.</summary>
internal sealed class ReplicateFiles(VendorClient client, Uri baseUrl)
{
    /// <summary>Base64 makes four bytes of three, and a data URI may be 256 KB long.</summary>
    private const long LargestInline = 190_000;

    /// <summary>
    /// Puts the files that are too large at Replicate, the same one once, and their URLs into the body; otherwise why one
    /// could not be put there.
    /// </summary>
    public async Task<ProviderError?> PlaceAsync(ProviderRequest request, VendorBody body, CancellationToken cancellationToken)
    {
        foreach (var same in request.Inputs.GroupBy(input => input.Path).Where(same => new FileInfo(same.Key).Length > LargestInline))
        {
            var (url, error) = await UploadAsync(same.First(), request.Key, cancellationToken);
            if (url is null)
            {
                return error!;
            }

            foreach (var input in same)
            {
                body.Place(input, url.AbsoluteUri);
            }
        }

        return null;
    }

    /// <summary>Where the model can read the file; otherwise why it could not be put there.</summary>
    private async Task<(Uri? Url, ProviderError? Error)> UploadAsync(
        ProviderInput input, ProviderKey key, CancellationToken cancellationToken)
    {
        var name = "input." + input.ContentType.Split('/')[^1];
        try
        {
            await using var stream = new FileStream(
                input.Path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
            using var file = new StreamContent(stream);
            file.Headers.ContentType = new MediaTypeHeaderValue(input.ContentType);
            using var form = new MultipartFormDataContent
            {
                { file, "content", name },
                { new StringContent(name), "filename" },
                { new StringContent(input.ContentType), "type" },
            };
            var request = new HttpRequestMessage(HttpMethod.Post, new Uri(baseUrl, "files")) { Content = form };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret);
            var answer = await client.SendAsync(request, cancellationToken);
            return answer.IsSuccess && answer.Json.UrlAt("urls", "get") is { } url
                ? (url, null)
                : (null, (answer.IsSuccess ? null : ReplicateWire.Refusal(answer)) ?? Failed(answer.Text));
        }
        catch (Exception exception)
        {
            // Nothing of the job was sent, whatever went wrong.
            return (null, Failed(exception.Message));
        }
    }

    private static ProviderError Failed(string reason) => new(ProviderErrorKind.Unavailable, "upload", reason);
}
