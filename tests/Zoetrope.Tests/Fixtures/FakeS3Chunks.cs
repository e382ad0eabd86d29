using System.Globalization;
using System.Text;

namespace Zoetrope.Tests.Fixtures;

/// <summary>
/// Reads bodies as S3 does: whole and hashed, or in chunks (<c>aws-chunked</c>) of which each signs the one before it, with or
/// without a signed trailer.
/// </summary>
internal static class FakeS3Chunks
{
    /// <summary>The payload, or the code of the refusal.</summary>
    public static (byte[]? Payload, string? Fault) Read(byte[] body, string contentHash, FakeS3Signature.Signed signed, long? decodedLength)
    {
        if (contentHash == "UNSIGNED-PAYLOAD" || (signed.IsPresigned && contentHash.Length == 0))
        {
            return (body, null);
        }

        if (!contentHash.StartsWith("STREAMING-", StringComparison.Ordinal))
        {
            return FakeS3Signature.Hex(body) == contentHash ? (body, null) : (null, "XAmzContentSHA256Mismatch");
        }

        var payload = new MemoryStream();
        var (at, previous) = (0, signed.Signature);
        var hasTrailer = contentHash.EndsWith("-TRAILER", StringComparison.Ordinal);
        var isSigned = contentHash.StartsWith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", StringComparison.Ordinal);
        for (var last = false; !last;)
        {
            var head = Line(body, ref at);
            var parts = head.Split(";chunk-signature=");
            if (!int.TryParse(parts[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var length) || at + length > body.Length)
            {
                return (null, "IncompleteBody");
            }

            last = length == 0;
            var data = body[at..(at + length)];
            at += length;
            if (isSigned)
            {
                var wanted = FakeS3Signature.SignChunk(signed, previous, data);
                if (parts.ElementAtOrDefault(1) != wanted)
                {
                    return (null, "SignatureDoesNotMatch");
                }

                previous = wanted;
            }

            payload.Write(data);
            if (!last || !hasTrailer)
            {
                Line(body, ref at);
            }
        }

        if (hasTrailer && isSigned)
        {
            var trailer = Line(body, ref at) + "\n";
            var signature = Line(body, ref at).Split(':')[^1];
            if (signature != FakeS3Signature.SignTrailer(signed, previous, trailer))
            {
                return (null, "SignatureDoesNotMatch");
            }
        }

        return payload.Length == decodedLength ? (payload.ToArray(), null) : (null, "IncompleteBody");
    }

    private static string Line(byte[] body, ref int at)
    {
        var end = body.AsSpan(at).IndexOf("\r\n"u8);
        var line = end < 0 ? "" : Encoding.ASCII.GetString(body, at, end);
        at = end < 0 ? body.Length : at + end + 2;
        return line;
    }
}
