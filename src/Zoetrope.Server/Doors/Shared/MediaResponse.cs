using System.Globalization;
using Microsoft.Net.Http.Headers;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.S3;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>
/// The one builder of every response with a customer's or a provider's bytes. The headers must be safe on their own,
/// because a self-hosted server often has a single host name: nothing served here can run as a page of it.
/// </summary>
internal static class MediaResponse
{
    public static readonly Problem Gone = Problems.FileNotFound.With("The file does not exist or was deleted.");

    /// <summary>Answers GET and HEAD with ranges and validators, or returns the problem when the bytes are gone.</summary>
    /// <param name="context">The request.</param>
    /// <param name="store">Where the bytes are.</param>
    /// <param name="artifact">Which they are.</param>
    /// <param name="fileName">What browsers save as; already reduced to safe characters.</param>
    /// <param name="attachment">Whether browsers save it at all.</param>
    /// <param name="direct">Sends the reader to the bucket, if the operator wants that; null where the bytes must come from here.</param>
    /// <param name="keep">How long a browser need not ask again; null is an hour, after which it asks whether they are the same; zero asks each time.</param>
    public static async Task<Problem?> WriteAsync(
        HttpContext context,
        StoredFiles store,
        Artifact artifact,
        string fileName,
        bool attachment = false,
        DirectReads? direct = null,
        TimeSpan? keep = null)
    {
        var length = artifact.Probe.Bytes;
        var tag = new EntityTagHeaderValue($"\"{artifact.Probe.Sha256}\"");
        WriteHeaders(context.Response, artifact.Probe.ContentType, fileName, attachment);
        context.Response.GetTypedHeaders().ETag = tag;
        if (keep == TimeSpan.Zero)
        {
            context.Response.Headers.CacheControl = "private, no-cache";
        }
        else if (keep is { TotalSeconds: >= 1 } time)
        {
            context.Response.Headers.CacheControl =
                string.Create(CultureInfo.InvariantCulture, $"private, max-age={(long)time.TotalSeconds}, immutable");
        }

        var request = context.Request.GetTypedHeaders();
        if (request.IfMatch.Count > 0
            && !request.IfMatch.Any(given => given.Equals(EntityTagHeaderValue.Any) || given.Compare(tag, useStrongComparison: true)))
        {
            context.Response.StatusCode = StatusCodes.Status412PreconditionFailed;
            return null;
        }

        if (request.IfNoneMatch.Any(given => given.Equals(EntityTagHeaderValue.Any) || given.Compare(tag, useStrongComparison: false)))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return null;
        }

        var (from, count, unsatisfiable) = Range(request, tag, length);
        if (unsatisfiable)
        {
            context.Response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            context.Response.GetTypedHeaders().ContentRange = new ContentRangeHeaderValue(length);
            return null;
        }

        if (count != length)
        {
            context.Response.StatusCode = StatusCodes.Status206PartialContent;
            context.Response.GetTypedHeaders().ContentRange = new ContentRangeHeaderValue(from, from + count - 1, length);
        }

        context.Response.ContentLength = count;
        if (HeadRequests.IsHead(context))
        {
            return await store.LengthAsync(artifact.Key, context.RequestAborted) is null ? IsGone(context) : null;
        }

        if (direct is not null && await direct.UrlOfAsync(
            artifact.Key, context.Response.ContentType!, context.Response.Headers.ContentDisposition.ToString()) is { } url)
        {
            return Redirect(context.Response, url);
        }

        await using var body = await store.OpenReadAsync(artifact.Key, from, count, context.RequestAborted);
        if (body is null)
        {
            return IsGone(context);
        }

        await body.CopyToAsync(context.Response.Body, 128 * 1024, context.RequestAborted);
        return null;
    }

    private static Problem IsGone(HttpContext context)
    {
        context.Response.Clear();
        return Gone;
    }

    // What the headers said of the bytes, the bucket says; a reader asks it for the same range.
    private static Problem? Redirect(HttpResponse response, Uri url)
    {
        foreach (var name in (string[])["Content-Type", "Content-Disposition", "Content-Range", "ETag", "Accept-Ranges"])
        {
            response.Headers.Remove(name);
        }

        response.ContentLength = 0;
        response.StatusCode = StatusCodes.Status302Found;
        response.Headers.Location = url.AbsoluteUri;
        response.Headers.CacheControl = "no-store";
        return null;
    }

    /// <summary>Safe headers for bytes whose type comes from our own signature check; anything else is a download.</summary>
    public static void WriteHeaders(HttpResponse response, string contentType, string fileName, bool attachment)
    {
        var isMedia = IsMedia(contentType);
        var headers = response.Headers;
        headers.ContentType = isMedia ? contentType : "application/octet-stream";
        headers.ContentDisposition = string.Create(
            CultureInfo.InvariantCulture, $"{(isMedia && !attachment ? "inline" : "attachment")}; filename=\"{fileName}\"");
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        headers.CacheControl = "private, max-age=3600";
        headers.AcceptRanges = "bytes";

        // Results are embedded by pages of customers, whose origin we do not know. That is safe: the URL itself is the
        // permission, no cookie or credential takes part, and media in an img, video or canvas cannot act.
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlExposeHeaders = "Content-Length, Content-Range, Content-Disposition, ETag";

        // A signed URL must not travel on in a Referer.
        headers["Referrer-Policy"] = "no-referrer";
    }

    private static bool IsMedia(string contentType) => contentType is
        "image/png" or "image/jpeg" or "image/webp" or "image/gif" or "image/avif" or "image/heic" or "image/heif"
        or "video/mp4" or "video/quicktime" or "video/webm" or "video/x-matroska"
        or "audio/mpeg" or "audio/wav" or "audio/aac" or "audio/mp4" or "audio/ogg" or "audio/flac";

    // One range is honoured; several are answered with the whole, which RFC 9110 allows.
    private static (long From, long Count, bool Unsatisfiable) Range(
        Microsoft.AspNetCore.Http.Headers.RequestHeaders request, EntityTagHeaderValue tag, long length)
    {
        var condition = request.IfRange;
        if (request.Range is not { } header || header.Unit != "bytes" || header.Ranges.Count != 1
            || (condition is not null && !(condition.EntityTag?.Compare(tag, useStrongComparison: true) ?? false)))
        {
            return (0, length, false);
        }

        var range = header.Ranges.First();
        if (range.From is not { } from)
        {
            var suffix = Math.Min(range.To ?? 0, length);
            return (length - suffix, suffix, suffix == 0);
        }

        return from >= length ? (0, 0, true) : (from, Math.Min(range.To ?? (length - 1), length - 1) - from + 1, false);
    }
}
