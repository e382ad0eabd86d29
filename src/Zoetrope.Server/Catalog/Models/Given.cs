using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Zoetrope.Server.Catalog.Models;

/// <summary>The client's value, shortened for an error message.</summary>
internal static class Given
{
    private const int MaxLength = 80;

    // The raw bytes, because a value may be many megabytes long or no valid text at all.
    public static string Of(JsonElement value)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        return raw.Length > MaxLength ? $"{Encoding.UTF8.GetString(raw[..(MaxLength - 3)])}…" : Encoding.UTF8.GetString(raw);
    }
}
