using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Zoetrope.Server.Doors.Shared.Bodies;

/// <summary>Names that one object gives twice. The parser can refuse them, but does not say which.</summary>
internal static class DoubledNames
{
    /// <summary>The second member of a name in this object; null if there is none.</summary>
    public static JsonProperty? In(JsonElement value) => Find(value, isDeep: false);

    /// <summary>The same in this value and everything inside it, in the order of the text.</summary>
    public static JsonProperty? Within(JsonElement value) => Find(value, isDeep: true);

    /// <summary>The name as text. Half of a surrogate pair is none: such a name is taken as it was sent.</summary>
    public static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8PropertyName(member));
        }
    }

    private static JsonProperty? Find(JsonElement value, bool isDeep)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var names = new HashSet<string>(StringComparer.Ordinal);
                foreach (var member in value.EnumerateObject())
                {
                    if (!names.Add(NameOf(member)))
                    {
                        return member;
                    }

                    if (isDeep && Find(member.Value, isDeep) is { } inside)
                    {
                        return inside;
                    }
                }

                return null;
            case JsonValueKind.Array when isDeep:
                foreach (var item in value.EnumerateArray())
                {
                    if (Find(item, isDeep) is { } inside)
                    {
                        return inside;
                    }
                }

                return null;
            default:
                return null;
        }
    }
}
