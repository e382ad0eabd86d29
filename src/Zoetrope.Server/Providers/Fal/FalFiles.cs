using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Zoetrope.Server.Egress;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.Fal;

/// <summary>
/// Puts input files at fal, which costs nothing: every model accepts URLs, and some refuse data URIs. The file is sent by a signed
/// PUT to a URL that fal names and that may point anywhere, so it is guarded like every URL from outside.
/// </summary>
internal sealed class FalFiles(VendorClient client, EgressClient egress, Uri restUrl)
{
    /// <summary>Uploads are public, so they live no longer than a job can take.</summary>
    public const string Lifecycle = """{"expiration_duration_seconds":86400}""";

    private const long LargestSinglePut = 90 * 1024 * 1024;
    private const long PartSize = 10 * 1024 * 1024;
    private static readonly TimeSpan PutLimit = TimeSpan.FromMinutes(4);

    /// <summary>Puts every file at fal, the same one once, and its URL into the body; otherwise why one could not be put there.</summary>
    public async Task<ProviderError?> PlaceAsync(ProviderRequest request, VendorBody body, CancellationToken cancellationToken)
    {
        foreach (var same in request.Inputs.GroupBy(input => input.Path))
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

    /// <summary>Where the file can be read; otherwise why it could not be put there.</summary>
    private async Task<(Uri? Url, ProviderError? Error)> UploadAsync(
        ProviderInput input, ProviderKey key, CancellationToken cancellationToken)
    {
        try
        {
            var length = new FileInfo(input.Path).Length;
            var inParts = length > LargestSinglePut;
            var answer = await client.SendAsync(
                Initiation(key, inParts ? "initiate-multipart" : "initiate", input.ContentType), cancellationToken);
            if (!answer.IsSuccess)
            {
                return (null, FalWire.Error(answer) ?? Failed(answer.Text));
            }

            if (answer.Json.UrlAt("upload_url") is not { } target || answer.Json.UrlAt("file_url") is not { } file)
            {
                return (null, Failed($"fal returned no upload URL for the file: {answer.Text}"));
            }

            if (inParts)
            {
                await PutPartsAsync(target, input.Path, length, cancellationToken);
            }
            else
            {
                using var put = await PutAsync(target, new FileSlice(input.Path, 0, length, input.ContentType), cancellationToken);
            }

            return (file, null);
        }
        catch (Exception exception) when (exception is HttpRequestException or EgressException or IOException
            or OperationCanceledException or InvalidDataException or JsonException)
        {
            return (null, Failed(exception.Message));
        }
    }

    /// <summary>Asks for an upload and makes none: free, and refused without a good key.</summary>
    public Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken) => client.CheckAsync(
        Initiation(key, "initiate", "text/plain"),
        static answer => answer.IsSuccess ? new CheckResult.Proven("the key opens fal's file storage")
            : answer.Status < 500 && FalWire.Error(answer) is { } error ? new CheckResult.Rejected(error)
            : null,
        cancellationToken);

    private HttpRequestMessage Initiation(ProviderKey key, string how, string contentType)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(restUrl, $"storage/upload/{how}?storage_type=fal-cdn-v3"))
        {
            Content = JsonContent.Create(new { content_type = contentType, file_name = "input." + contentType.Split('/')[^1] }),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Key", key.Secret);
        request.Headers.Add("X-Fal-Object-Lifecycle", Lifecycle);
        return request;
    }

    private async Task PutPartsAsync(Uri target, string path, long length, CancellationToken cancellationToken)
    {
        var parts = new List<object>();
        for (var offset = 0L; offset < length; offset += PartSize)
        {
            var number = parts.Count + 1;
            using var put = await PutAsync(
                Below(target, $"/{number}"),
                new FileSlice(path, offset, Math.Min(PartSize, length - offset), contentType: null),
                cancellationToken);
            using var said = JsonDocument.Parse(await put.Content.ReadAsByteArrayAsync(cancellationToken));
            parts.Add(new { partNumber = number, etag = said.RootElement.TextAt("etag") ?? put.Headers.ETag?.Tag });
        }

        using var request = new HttpRequestMessage(
            HttpMethod.Post, Below(target, "/complete")) { Content = JsonContent.Create(new { parts }) };
        using var completed = await egress.SendAsync(request, cancellationToken, PutLimit);
        completed.EnsureSuccessStatusCode();
    }

    private async Task<HttpResponseMessage> PutAsync(Uri target, HttpContent content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, target) { Content = content };
        var response = await egress.SendAsync(request, cancellationToken, PutLimit);
        return response.EnsureSuccessStatusCode();
    }

    // The signature is in the query and is good for everything below the path.
    private static Uri Below(Uri target, string path) => new UriBuilder(target) { Path = target.AbsolutePath + path }.Uri;

    private static ProviderError Failed(string reason) => new(ProviderErrorKind.Unavailable, "upload", reason);

    /// <summary>A part of a file, read from the disk while it is sent.</summary>
    private sealed class FileSlice : HttpContent
    {
        private readonly string _path;
        private readonly long _offset;
        private readonly long _length;

        public FileSlice(string path, long offset, long length, string? contentType)
        {
            (_path, _offset, _length) = (path, offset, length);
            Headers.ContentType = contentType is null ? null : new MediaTypeHeaderValue(contentType);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _length;
            return true;
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous);
            file.Position = _offset;
            var buffer = new byte[64 * 1024];
            for (var left = _length; left > 0;)
            {
                var read = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancellationToken);
                if (read == 0)
                {
                    throw new IOException("The input file shrank while it was being uploaded.");
                }

                await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                left -= read;
            }
        }
    }
}
