using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Zoetrope.Tests.Fixtures;

/// <summary>How the bucket fails a request.</summary>
internal enum S3Fault
{
    None,
    ServerError,
    SlowDown,

    /// <summary>The connection breaks in the middle of a body.</summary>
    Cut,

    /// <summary>The connection breaks before an answer, as if nobody were there.</summary>
    Away,
}

/// <summary>
/// An S3 server over real HTTP that trusts nothing: it checks each signature, payload hash, checksum and chunk, and honours
/// conditions. Stores that are used in production are laxer, never stricter.
/// </summary>
internal sealed class FakeS3 : IAsyncDisposable
{
    public const string Bucket = "zoetrope-files";
    public const string AccessKey = "AKIAFORTESTSONLY0001";
    public const string SecretKey = "secret/For+Tests+Only/0123456789abcdefgh";
    public const string Region = "eu-test-1";
    private const int PageSize = 7;

    private readonly WebApplication _app;
    private readonly FakeS3Signature _signature = new(AccessKey, SecretKey, Region);
    private readonly ConcurrentDictionary<string, (string Name, SortedDictionary<int, byte[]> Parts)> _uploads = new();
    private readonly Lock _lock = new();

    private FakeS3(WebApplication app) => _app = app;

    /// <summary>Names and bytes of all objects.</summary>
    public ConcurrentDictionary<string, byte[]> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>Uploads in parts that were begun and not ended.</summary>
    public int OpenUploads => _uploads.Count;

    /// <summary>Every request that was let in, as <c>PUT name</c>.</summary>
    public ConcurrentQueue<string> Heard { get; } = [];

    /// <summary>Every code of a refusal.</summary>
    public ConcurrentQueue<string> Refused { get; } = [];

    /// <summary>Decides for each request how it fails.</summary>
    public Func<HttpRequest, S3Fault> Fail { get; set; } = static _ => S3Fault.None;

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Settings of a server that keeps its files here.</summary>
    public Dictionary<string, string?> Settings(params (string Name, string Value)[] others)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Artifacts:S3:Endpoint"] = Address.ToString(),
            ["Artifacts:S3:Bucket"] = Bucket,
            ["Artifacts:S3:AccessKey"] = AccessKey,
            ["Artifacts:S3:SecretKey"] = SecretKey,
            ["Artifacts:S3:Region"] = Region,
            ["Artifacts:S3:Prefix"] = "media",
        };
        foreach (var (name, value) in others)
        {
            settings[name] = value;
        }

        return settings;
    }

    public static async Task<FakeS3> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.Configure<KestrelServerOptions>(options => options.Limits.MaxRequestBodySize = null);
        var app = builder.Build();
        var fake = new FakeS3(app);
        app.Run(fake.AnswerAsync);
        await app.StartAsync();
        return fake;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var fault = Fail(request);
        if (fault is S3Fault.Away)
        {
            context.Abort();
            return;
        }

        using var memory = new MemoryStream();
        await request.Body.CopyToAsync(memory);
        if (fault is S3Fault.ServerError or S3Fault.SlowDown)
        {
            await RefuseAsync(context, fault is S3Fault.SlowDown ? 503 : 500, fault is S3Fault.SlowDown ? "SlowDown" : "InternalError");
            return;
        }

        var (signed, refusal) = _signature.Check(request);
        if (signed is null)
        {
            await RefuseAsync(context, refusal == "AuthorizationHeaderMalformed" ? 400 : 403, refusal!);
            return;
        }

        long? decoded = long.TryParse(request.Headers["x-amz-decoded-content-length"], CultureInfo.InvariantCulture, out var length) ? length : null;
        var (payload, broken) = FakeS3Chunks.Read(memory.ToArray(), request.Headers["x-amz-content-sha256"].ToString(), signed, decoded);
        if (payload is null)
        {
            await RefuseAsync(context, broken == "SignatureDoesNotMatch" ? 403 : 400, broken!);
            return;
        }

        var path = Uri.UnescapeDataString(request.Path.Value!.TrimStart('/')).Split('/', 2);
        if (path[0] != Bucket)
        {
            await RefuseAsync(context, 404, "NoSuchBucket");
            return;
        }

        var name = path.ElementAtOrDefault(1) ?? "";
        Heard.Enqueue($"{request.Method} {name}");
        await (name.Length == 0 ? ListAsync(context) : request.Method switch
        {
            "PUT" => PutAsync(context, name, payload),
            "POST" => PostAsync(context, name, payload),
            "DELETE" => DeleteAsync(context, name),
            _ => GetAsync(context, name, fault),
        });
    }

    private async Task PutAsync(HttpContext context, string name, byte[] payload)
    {
        var request = context.Request;
        if (request.Headers["x-amz-checksum-sha256"] is [{ } checksum] && checksum != Convert.ToBase64String(SHA256.HashData(payload)))
        {
            await RefuseAsync(context, 400, "BadDigest");
            return;
        }

        context.Response.Headers.ETag = TagOf(payload);
        if (request.Query["uploadId"] is [{ } upload])
        {
            if (!_uploads.TryGetValue(upload, out var parts))
            {
                await RefuseAsync(context, 404, "NoSuchUpload");
                return;
            }

            lock (parts.Parts)
            {
                parts.Parts[int.Parse(request.Query["partNumber"]!, CultureInfo.InvariantCulture)] = payload;
            }

            return;
        }

        if (request.Headers["x-amz-copy-source"] is [{ } source])
        {
            var from = Uri.UnescapeDataString(source).TrimStart('/').Split('/', 2)[1];
            payload = Objects[from];
            await WriteAsync(context, new XElement("CopyObjectResult", new XElement("ETag", TagOf(payload))));
        }

        if (!Store(request, name, payload))
        {
            await RefuseAsync(context, 412, "PreconditionFailed");
        }
    }

    private async Task PostAsync(HttpContext context, string name, byte[] payload)
    {
        var request = context.Request;
        if (request.Query.ContainsKey("uploads"))
        {
            var id = Guid.NewGuid().ToString("n");
            _uploads[id] = (name, []);
            await WriteAsync(context, new XElement("InitiateMultipartUploadResult", new XElement("Bucket", Bucket), new XElement("Key", name), new XElement("UploadId", id)));
            return;
        }

        if (!_uploads.TryGetValue(request.Query["uploadId"]!, out var upload) || upload.Name != name)
        {
            await RefuseAsync(context, 404, "NoSuchUpload");
            return;
        }

        var named = XDocument.Parse(Encoding.UTF8.GetString(payload)).Root!.Elements().Where(part => part.Name.LocalName == "Part")
            .Select(part => (Number: (int)part.Elements().Single(e => e.Name.LocalName == "PartNumber"), Tag: part.Elements().Single(e => e.Name.LocalName == "ETag").Value)).ToList();
        if (!named.Select(part => part.Number).SequenceEqual(upload.Parts.Keys) || named.Any(part => part.Tag.Trim('"') != TagOf(upload.Parts[part.Number]).Trim('"')))
        {
            await RefuseAsync(context, 400, "InvalidPart");
            return;
        }

        if (upload.Parts.Values.SkipLast(1).Any(part => part.Length < 5 * 1024 * 1024))
        {
            await RefuseAsync(context, 400, "EntityTooSmall");
            return;
        }

        if (!Store(request, name, [.. upload.Parts.Values.SelectMany(part => part)]))
        {
            await RefuseAsync(context, 412, "PreconditionFailed");
            return;
        }

        _uploads.TryRemove(request.Query["uploadId"]!, out _);
        await WriteAsync(context, new XElement("CompleteMultipartUploadResult", new XElement("Key", name), new XElement("ETag", "\"parts\"")));
    }

    private async Task DeleteAsync(HttpContext context, string name)
    {
        context.Response.StatusCode = 204;
        if (context.Request.Query["uploadId"] is [{ } upload])
        {
            _uploads.TryRemove(upload, out _);
        }
        else
        {
            Objects.TryRemove(name, out _);
        }

        await Task.CompletedTask;
    }

    private async Task GetAsync(HttpContext context, string name, S3Fault fault)
    {
        var response = context.Response;
        if (!Objects.TryGetValue(name, out var bytes))
        {
            await RefuseAsync(context, 404, "NoSuchKey");
            return;
        }

        response.Headers.ETag = TagOf(bytes);
        response.Headers.AcceptRanges = "bytes";
        response.ContentType = context.Request.Query["response-content-type"] is [{ } type] ? type : "application/octet-stream";
        if (context.Request.Query["response-content-disposition"] is [{ } disposition])
        {
            response.Headers.ContentDisposition = disposition;
        }

        var (from, to) = (0, bytes.Length - 1);
        if (context.Request.GetTypedHeaders().Range?.Ranges.SingleOrDefault() is { } range)
        {
            from = (int)(range.From ?? bytes.Length - range.To!.Value);
            to = range.From is null ? to : (int)Math.Min(range.To ?? to, to);
            if (from >= bytes.Length)
            {
                await RefuseAsync(context, 416, "InvalidRange");
                return;
            }

            response.StatusCode = 206;
            response.Headers.ContentRange = $"bytes {from}-{to}/{bytes.Length}";
        }

        var body = bytes.AsMemory(from, to - from + 1);
        response.ContentLength = body.Length;
        if (context.Request.Method == "HEAD")
        {
            return;
        }

        await response.Body.WriteAsync(fault is S3Fault.Cut ? body[..(body.Length / 2)] : body);
        if (fault is S3Fault.Cut)
        {
            await response.Body.FlushAsync();
            context.Abort();
        }
    }

    private async Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var after = query["continuation-token"] is [{ } token] ? token : query["start-after"].ToString();
        var most = Math.Min(PageSize, int.TryParse(query["max-keys"], CultureInfo.InvariantCulture, out var wanted) ? wanted : PageSize);
        var found = Objects.Where(pair => pair.Key.StartsWith(query["prefix"].ToString(), StringComparison.Ordinal) && string.CompareOrdinal(pair.Key, after) > 0)
            .OrderBy(pair => pair.Key, StringComparer.Ordinal).Take(most + 1).ToList();
        XNamespace s3 = "http://s3.amazonaws.com/doc/2006-03-01/";
        await WriteAsync(context, new XElement(
            s3 + "ListBucketResult",
            new XElement(s3 + "Name", Bucket),
            new XElement(s3 + "IsTruncated", found.Count > most),
            found.Count > most ? new XElement(s3 + "NextContinuationToken", found[most - 1].Key) : null,
            found.Take(most).Select(pair => new XElement(
                s3 + "Contents",
                new XElement(s3 + "Key", pair.Key),
                new XElement(s3 + "Size", pair.Value.Length),
                new XElement(s3 + "LastModified", "2026-05-01T00:00:00.000Z"),
                new XElement(s3 + "ETag", TagOf(pair.Value))))));
    }

    // The condition and the write are one step, as they are at Amazon's.
    private bool Store(HttpRequest request, string name, byte[] bytes)
    {
        lock (_lock)
        {
            if (request.Headers.IfNoneMatch == "*" && Objects.ContainsKey(name))
            {
                return false;
            }

            Objects[name] = bytes;
            return true;
        }
    }

    private async Task RefuseAsync(HttpContext context, int status, string code)
    {
        Refused.Enqueue(code);
        context.Response.StatusCode = status;
        if (context.Request.Method != "HEAD")
        {
            await WriteAsync(context, new XElement("Error", new XElement("Code", code), new XElement("Message", $"The fake says {code}.")));
        }
    }

    private static async Task WriteAsync(HttpContext context, XElement answer)
    {
        context.Response.ContentType = "application/xml";
        await context.Response.WriteAsync("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + answer.ToString(SaveOptions.DisableFormatting));
    }

    // Amazon's, and the SDK holds a body against it.
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5351", Justification = "It is what the protocol says.")]
    private static string TagOf(byte[] bytes) => $"\"{Convert.ToHexStringLower(MD5.HashData(bytes))}\"";
}
