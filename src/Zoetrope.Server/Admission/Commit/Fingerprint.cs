using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Zoetrope.Server.Admission.Commit;

/// <summary>What a request under an idempotency key is. Stored ones outlive releases: the same request always has the same.</summary>
internal static class Fingerprint
{
    /// <summary>Equal for bodies that differ only in key order and white space.</summary>
    /// <param name="endpoint">Method, path and query, then a line for each uploaded file.</param>
    /// <param name="body">The request's body.</param>
    public static byte[] Of(string endpoint, JsonElement body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(endpoint));
        Append(hash, body);
        return hash.GetHashAndReset();
    }

    private static void Append(IncrementalHash hash, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                hash.AppendData("{"u8);
                foreach (var property in value.EnumerateObject().OrderBy(property => property.Name, StringComparer.Ordinal))
                {
                    hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(property.Name));
                    hash.AppendData(":"u8);
                    Append(hash, property.Value);
                }

                hash.AppendData("}"u8);
                break;
            case JsonValueKind.Array:
                hash.AppendData("["u8);
                foreach (var item in value.EnumerateArray())
                {
                    Append(hash, item);
                    hash.AppendData(","u8);
                }

                hash.AppendData("]"u8);
                break;
            case JsonValueKind.String:
                // Escaped again in one way: the client's own escapes (\u0041 or A) are not a difference.
                hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(value.GetString()));
                break;
            default:
                hash.AppendData(Encoding.UTF8.GetBytes(value.GetRawText()));
                break;
        }
    }
}
