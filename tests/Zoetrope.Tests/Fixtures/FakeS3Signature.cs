using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Zoetrope.Tests.Fixtures;

/// <summary>Checks AWS Signature Version 4, of headers and of presigned URLs, as strictly as Amazon does.</summary>
internal sealed class FakeS3Signature(string accessKey, string secretKey, string region)
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(15);

    /// <summary>Who signed a request, and what the chunks of its body are signed with.</summary>
    internal sealed record Signed(string Signature, byte[] Key, string Scope, string Date, bool IsPresigned);

    /// <summary>The signature, or the code of the refusal.</summary>
    public (Signed? Signed, string? Fault) Check(HttpRequest request)
    {
        var target = request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var path = question < 0 ? target : target[..question];
        var query = (question < 0 ? "" : target[(question + 1)..]).Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2)).Select(pair => (Name: Uri.UnescapeDataString(pair[0]), Value: Uri.UnescapeDataString(pair.ElementAtOrDefault(1) ?? ""))).ToList();
        string? Of(string name) => query.Where(pair => pair.Name == name).Select(pair => pair.Value).SingleOrDefault();
        var presigned = Of("X-Amz-Algorithm") is not null;
        string? credential, headers, signature;
        if (presigned)
        {
            (credential, headers, signature) = (Of("X-Amz-Credential"), Of("X-Amz-SignedHeaders"), Of("X-Amz-Signature"));
            query.RemoveAll(pair => pair.Name == "X-Amz-Signature");
        }
        else
        {
            var authorization = request.Headers.Authorization.ToString();
            if (!authorization.StartsWith(Algorithm + " ", StringComparison.Ordinal))
            {
                return (null, "AccessDenied");
            }

            var parts = authorization[(Algorithm.Length + 1)..].Split(',', StringSplitOptions.TrimEntries).Select(part => part.Split('=', 2)).ToDictionary(part => part[0], part => part[1]);
            (credential, headers, signature) = (parts["Credential"], parts["SignedHeaders"], parts["Signature"]);
        }

        var date = presigned ? Of("X-Amz-Date") : request.Headers["x-amz-date"].ToString();
        var scope = credential!.Split('/');
        if (scope is not [var key, var day, var where, "s3", "aws4_request"] || key != accessKey)
        {
            return (null, "InvalidAccessKeyId");
        }

        if (where != region)
        {
            return (null, "AuthorizationHeaderMalformed");
        }

        if (!DateTimeOffset.TryParseExact(date, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var signedAt) || !date!.StartsWith(day, StringComparison.Ordinal))
        {
            return (null, "AccessDenied");
        }

        var now = TimeProvider.System.GetUtcNow();
        if (presigned
            ? now > signedAt.AddSeconds(int.Parse(Of("X-Amz-Expires")!, CultureInfo.InvariantCulture)) || signedAt - now > Skew
            : (now - signedAt).Duration() > Skew)
        {
            return (null, presigned ? "AccessDenied" : "RequestTimeTooSkewed");
        }

        var names = headers!.Split(';');
        if (!names.Contains("host") || !names.SequenceEqual(names.Order(StringComparer.Ordinal))
            || request.Headers.Keys.Any(name => name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) && !names.Contains(name.ToLowerInvariant())))
        {
            return (null, "AccessDenied");
        }

        var payload = presigned ? "UNSIGNED-PAYLOAD" : request.Headers["x-amz-content-sha256"].ToString();
        var canonical = string.Join(
            '\n',
            request.Method,
            path,
            string.Join('&', query.Select(pair => (Name: Encode(pair.Name), Value: Encode(pair.Value))).OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.Value, StringComparer.Ordinal)
                .Select(pair => $"{pair.Name}={pair.Value}")),
            string.Concat(names.Select(name => $"{name}:{(name == "host" ? request.Host.Value : string.Join(',', request.Headers[name].Select(value => value!.Trim())))}\n")),
            headers,
            payload);
        var scopeText = string.Join('/', scope[1..]);
        var signing = SigningKey(day);
        var wanted = Sign(signing, $"{Algorithm}\n{date}\n{scopeText}\n{Hex(Encoding.UTF8.GetBytes(canonical))}");
        return wanted == signature ? (new Signed(wanted, signing, scopeText, date, presigned), null) : (null, "SignatureDoesNotMatch");
    }

    /// <summary>The signature of one chunk of a body, or of its trailer.</summary>
    public static string SignChunk(Signed signed, string previous, byte[] data) =>
        Sign(signed.Key, $"AWS4-HMAC-SHA256-PAYLOAD\n{signed.Date}\n{signed.Scope}\n{previous}\n{Hex([])}\n{Hex(data)}");

    public static string SignTrailer(Signed signed, string previous, string trailer) =>
        Sign(signed.Key, $"AWS4-HMAC-SHA256-TRAILER\n{signed.Date}\n{signed.Scope}\n{previous}\n{Hex(Encoding.UTF8.GetBytes(trailer))}");

    public static string Hex(byte[] data) => Convert.ToHexStringLower(SHA256.HashData(data));

    private byte[] SigningKey(string day) => new[] { day, region, "s3", "aws4_request" }
        .Aggregate(Encoding.UTF8.GetBytes("AWS4" + secretKey), (key, part) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part)));

    private static string Sign(byte[] key, string text) => Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));

    private static string Encode(string text) => Uri.EscapeDataString(text);
}
