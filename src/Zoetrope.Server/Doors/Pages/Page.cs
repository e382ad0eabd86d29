using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.Pages;

/// <summary>What one address shows: bytes with their tag, so that whoever has them gets a 304.</summary>
internal sealed class Page(byte[] body, string contentType)
{
    public const string Markdown = "text/markdown; charset=utf-8";

    private readonly EntityTagHeaderValue _tag = new($"\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 12))}\"");

    /// <summary>Somebody's own, which no search engine lists and which may show a video.</summary>
    public bool IsShared { get; init; }

    public static Page Of(string text, string contentType) => new(Encoding.UTF8.GetBytes(text), contentType);

    public Answer Answer(int status = StatusCodes.Status200OK) => new(context => WriteAsync(context, status));

    private Task WriteAsync(HttpContext context, int status)
    {
        var response = context.Response;
        var headers = response.Headers;

        // Nothing runs here, nothing is loaded but the icon, nobody frames it.
        headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src '{PageFrame.StyleHash}'; img-src 'self'; {(IsShared ? "media-src 'self'; " : "")}base-uri 'none'; "
            + "form-action 'none'; frame-ancestors 'none'";
        if (IsShared)
        {
            headers["X-Robots-Tag"] = "noindex";
        }

        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";

        // Some name the address that the page was reached by, so no cache may hand one reader's to another.
        headers.CacheControl = "private, no-cache";
        if (status == StatusCodes.Status200OK)
        {
            return TypedResults.Bytes(body, contentType, entityTag: _tag).ExecuteAsync(context);
        }

        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
