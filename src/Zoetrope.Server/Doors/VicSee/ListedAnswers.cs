using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary>
/// The listing of models as it goes over the line, made once for each rendering of it: a quarter of a megabyte that anybody may
/// ask for, so it is compressed beforehand, and a client that has it is told so.
/// </summary>
internal sealed class ListedAnswers
{
    private readonly ConcurrentDictionary<string, Listed> _byType = new(StringComparer.Ordinal);

    /// <param name="type">The filter that the listing was made with.</param>
    /// <param name="models">The listing as a JSON array.</param>
    public Answer Of(string type, ReadOnlyMemory<byte> models)
    {
        var listed = _byType.GetValueOrDefault(type);
        if (listed is null || !listed.Models.Equals(models))
        {
            listed = new Listed(models);
            _byType[type] = listed;
        }

        return new Answer(listed.WriteAsync);
    }

    private sealed class Listed
    {
        private readonly byte[] _json;
        private readonly byte[] _gzip;
        private readonly EntityTagHeaderValue _tag;

        public Listed(ReadOnlyMemory<byte> models)
        {
            Models = models;
            _json = JsonAnswer.Envelope(models, static (writer, array) => writer.WriteRawValue(array.Span, skipInputValidation: true));
            using var compressed = new MemoryStream();
            using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
            {
                gzip.Write(_json);
            }

            // Weak: the compressed bytes are others.
            _gzip = compressed.ToArray();
            _tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(_json).AsSpan(0, 12))}\"", isWeak: true);
        }

        /// <summary>What it was made of; the same memory as long as nothing has changed.</summary>
        public ReadOnlyMemory<byte> Models { get; }

        public Task WriteAsync(HttpContext context)
        {
            var response = context.Response;
            var asked = context.Request.GetTypedHeaders();
            response.GetTypedHeaders().ETag = _tag;
            response.Headers.Vary = "Accept-Encoding, Authorization";
            response.Headers.CacheControl = "no-cache";
            if (asked.IfNoneMatch.Any(given => given.Equals(EntityTagHeaderValue.Any) || given.Compare(_tag, useStrongComparison: false)))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }

            if (!asked.AcceptEncoding.Any(
                coding => coding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && coding.Quality is not 0))
            {
                return JsonAnswer.WriteAsync(context, _json);
            }

            response.Headers.ContentEncoding = "gzip";
            return JsonAnswer.WriteAsync(context, _gzip);
        }
    }
}
