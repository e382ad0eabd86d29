using Microsoft.Net.Http.Headers;

namespace Zoetrope.Server.Doors.Shared.Bodies;

/// <summary>Which Content-Type and Content-Encoding a JSON body may have.</summary>
internal static class JsonType
{
    private static readonly Problem WrongType = Problems.UnsupportedMediaType.With(
        "Send the body as application/json in UTF-8.", "Content-Type", allowed: "application/json");
    private static readonly Problem WrongEncoding = Problems.UnsupportedMediaType.With(
        "Send the body without Content-Encoding.", "Content-Encoding", allowed: "identity");

    // VicSee's own clients send none on some calls, and the type on bodiless ones: only a wrong type is refused.
    public static Problem? Refusal(HttpRequest request)
    {
        var encoding = request.Headers.ContentEncoding;
        if (encoding.Count > 0 && !string.Equals(encoding.ToString(), "identity", StringComparison.OrdinalIgnoreCase))
        {
            return WrongEncoding;
        }

        if (string.IsNullOrEmpty(request.ContentType))
        {
            return null;
        }

        return MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
                || type.MediaType.Equals("text/json", StringComparison.OrdinalIgnoreCase)
                || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
            && (!type.Charset.HasValue || IsUtf8(HeaderUtilities.RemoveQuotes(type.Charset).AsSpan()))
            ? null
            : WrongType;
    }

    // JSON is UTF-8 (RFC 8259), which some programs write in their own way; ASCII is a part of it.
    private static bool IsUtf8(ReadOnlySpan<char> charset) =>
        charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
        || charset.Equals("utf8", StringComparison.OrdinalIgnoreCase)
        || charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase);
}
