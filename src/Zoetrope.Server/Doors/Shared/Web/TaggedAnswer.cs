using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace Zoetrope.Server.Doors.Shared.Web;

/// <summary>
/// JSON that many ask for again and again: compressed once, and not sent to a client that has it. Only for what holds nothing of
/// a request and no secret: then its compressed length tells nobody anything.
/// </summary>
internal sealed class TaggedAnswer
{
    // Less is not worth it: it goes in one packet as it is.
    private const int LeastCompressed = 1024;

    private readonly byte[] _plain;
    private readonly Lazy<byte[]> _gzip;
    private readonly Lazy<byte[]> _brotli;
    private readonly EntityTagHeaderValue _tag;

    public TaggedAnswer(byte[] json)
    {
        _plain = json;
        _gzip = new Lazy<byte[]>(() => Compressed(static to => new GZipStream(to, CompressionLevel.Optimal)));
        _brotli = new Lazy<byte[]>(() => Compressed(static to => new BrotliStream(to, CompressionLevel.Optimal)));

        // Weak: the compressed bytes are others.
        _tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(json).AsSpan(0, 12))}\"", isWeak: true);
    }

    public ReadOnlySpan<byte> Json => _plain;

    public Answer Answer() => new(WriteAsync);

    private Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        var asked = context.Request.GetTypedHeaders();
        response.GetTypedHeaders().ETag = _tag;
        response.Headers.Vary = "Accept-Encoding, Authorization, Cookie, X-Zoetrope-Mode";
        response.Headers.CacheControl = "no-cache";
        if (asked.IfNoneMatch.Any(given => given.Equals(EntityTagHeaderValue.Any) || given.Compare(_tag, useStrongComparison: false)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        var (brotli, gzip) = (Weight(asked.AcceptEncoding, "br"), Weight(asked.AcceptEncoding, "gzip"));
        if (_plain.Length < LeastCompressed || (brotli == 0 && gzip == 0))
        {
            return JsonAnswer.WriteAsync(context, _plain);
        }

        response.Headers.ContentEncoding = brotli >= gzip ? "br" : "gzip";
        return JsonAnswer.WriteAsync(context, brotli >= gzip ? _brotli.Value : _gzip.Value);
    }

    // What is not named is as welcome as *, which is none at all if that is missing.
    private static double Weight(IList<StringWithQualityHeaderValue> accepted, string coding)
    {
        var given = accepted.FirstOrDefault(item => item.Value.Equals(coding, StringComparison.OrdinalIgnoreCase))
            ?? accepted.FirstOrDefault(item => item.Value == "*");
        return given is null ? 0 : given.Quality ?? 1;
    }

    private byte[] Compressed(Func<Stream, Stream> open)
    {
        using var compressed = new MemoryStream();
        using (var stream = open(compressed))
        {
            stream.Write(_plain);
        }

        return compressed.ToArray();
    }
}
