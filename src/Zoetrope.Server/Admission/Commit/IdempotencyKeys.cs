using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Admission.Commit;

/// <summary>
/// Idempotency keys: what a request under a key is (a fingerprint of endpoint and canonical body) and what it answered.
/// The row is written in the submitting transaction, so there is no lock that could run out while the work goes on.
/// </summary>
internal static class IdempotencyKeys
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotent-Replayed";
    public const int MaxLength = 255;

    private const string FindSql = "select fingerprint, generation_id, response from idempotency_keys where account_id = @account and mode = @mode and key = @key";

    /// <summary>The header's key; null where none was sent.</summary>
    public static Outcome<string?> Read(HttpRequest request)
    {
        var values = request.Headers[Header];
        if (values.Count == 0)
        {
            return (string?)null;
        }

        var key = values.Count == 1 ? values[0]! : "";
        return key.Length is > 0 and <= MaxLength
            ? key
            : Problems.InvalidIdempotencyKey.With(
                $"The {Header} header must be given once, with 1 to {MaxLength} characters.",
                field: Header,
                given: values.Count == 1 ? $"{key.Length} characters" : $"{values.Count} headers",
                allowed: $"1 to {MaxLength} characters, for example a UUID");
    }

    /// <summary>What an earlier request under this key answered, so that a replay needs no credits, inputs or catalogue.</summary>
    public static async ValueTask<StoredAnswer?> FindAsync(Session session, Caller caller, string key)
    {
        var command = session.Command(FindSql, ("account", caller.AccountId), ("mode", (long)caller.Mode), ("key", key));
        await using var row = await command.ExecuteReaderAsync();
        return await row.ReadAsync() ? new StoredAnswer((byte[])row.GetValue(0), row.GetString(1), row.GetString(2)) : null;
    }

    /// <summary>Equal for bodies that differ only in key order and white space.</summary>
    public static byte[] Fingerprint(string endpoint, JsonElement body)
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
