using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Zoetrope.Server.Catalog.Models;

/// <summary>The client's value, shortened for an error message.</summary>
internal static class Given
{
    // The raw bytes, because a value may be many megabytes long or no valid text at all. A character has at most four.
    public static string Of(JsonElement value)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        return ShortText.Of(Encoding.UTF8.GetString(raw[..Math.Min(raw.Length, 4 * ShortText.Longest)]));
    }
}
