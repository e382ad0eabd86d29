using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;
using Zoetrope.Server.Catalog.Listing;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary>
/// The catalogue as it goes over the line, made once for each rendering of it: up to a quarter of a megabyte that anybody may
/// ask for, so it is compressed beforehand, and a client that has it is told so. Nothing of a request is in it, and no secret:
/// its compressed length tells nobody anything.
/// </summary>
internal sealed class ListedAnswers(CatalogListing listing)
{
    private readonly ConcurrentDictionary<string, Listed> _kept = new(StringComparer.Ordinal);

    public Answer List(ListingQuery query)
    {
        if (listing.Get(query).Failed(out var problem, out var models))
        {
            return problem;
        }

        return query.Limit is null ? Of($"{query.Type}?{query.IsFull}", models) : new Answer(new Listed(models).WriteAsync);
    }

    public Answer One(string name, Attached attached)
    {
        var names = listing.Catalog.Names;
        if (names.Find(name, attached) is not { } model)
        {
            var near = string.Join(", ", names.Nearest(name, attached));
            return Problems.ModelNotFound.With(
                $"No model has this name.{(near.Length > 0 ? $" Did you mean: {near}?" : "")} GET /api/v1/models lists every model.",
                "model",
                ShortText.Of(name),
                near.Length > 0 ? near : "an id from GET /api/v1/models");
        }

        if (model.Lifecycle.Status is LifecycleStatus.Retired)
        {
            var instead = model.Lifecycle.Replacement is { } other ? $" Use {other}." : "";
            return Problems.ModelNotFound.With($"{model.Id} was retired.{instead}", "model", model.Id, model.Lifecycle.Replacement);
        }

        return Of(model.Id, listing.Of(model));
    }

    private Answer Of(string key, ReadOnlyMemory<byte> json)
    {
        var listed = _kept.GetValueOrDefault(key);
        if (listed is null || !listed.Json.Equals(json))
        {
            listed = new Listed(json);
            _kept[key] = listed;
        }

        return new Answer(listed.WriteAsync);
    }

    private sealed class Listed
    {
        private readonly byte[] _plain;
        private readonly Lazy<byte[]> _gzip;
        private readonly Lazy<byte[]> _brotli;
        private readonly EntityTagHeaderValue _tag;

        public Listed(ReadOnlyMemory<byte> json)
        {
            Json = json;
            _plain = JsonAnswer.Envelope(json, static (writer, value) => writer.WriteRawValue(value.Span, skipInputValidation: true));
            _gzip = new Lazy<byte[]>(() => Compressed(static to => new GZipStream(to, CompressionLevel.Optimal)));
            _brotli = new Lazy<byte[]>(() => Compressed(static to => new BrotliStream(to, CompressionLevel.Optimal)));

            // Weak: the compressed bytes are others.
            _tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(_plain).AsSpan(0, 12))}\"", isWeak: true);
        }

        /// <summary>What it was made of; the same memory as long as nothing has changed.</summary>
        public ReadOnlyMemory<byte> Json { get; }

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

            var (brotli, gzip) = (Weight(asked.AcceptEncoding, "br"), Weight(asked.AcceptEncoding, "gzip"));
            if (brotli == 0 && gzip == 0)
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
}
