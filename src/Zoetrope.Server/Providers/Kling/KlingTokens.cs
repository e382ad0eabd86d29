using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Zoetrope.Server.Providers.Kling;

/// <summary>
/// What goes into the Authorization header: a plain API key as it is, and for an <c>access:secret</c> pair a JWT signed with
/// the secret, made for each call, so that none is ever too old.
/// </summary>
internal static class KlingTokens
{
    private const int LifetimeSeconds = 1_800;

    /// <summary>The vendor's clock may be behind ours.</summary>
    private const int ToleranceSeconds = 5;

    public static string Of(string key, DateTimeOffset now)
    {
        var colon = key.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? key : Signed(key[..colon], key[(colon + 1)..], now.ToUnixTimeSeconds());
    }

    private static string Signed(string access, string secret, long now)
    {
        var claims = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"iss":{{JsonSerializer.Serialize(access)}},"exp":{{now + LifetimeSeconds}},"nbf":{{now - ToleranceSeconds}}}""");
        var signed = $"{Encode("""{"alg":"HS256","typ":"JWT"}""")}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
