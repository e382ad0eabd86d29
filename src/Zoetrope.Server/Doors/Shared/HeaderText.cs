using System.Text;
using System.Text.Unicode;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>
/// Header values as text. Kestrel hands over each byte as one character, because it would answer a byte that is no UTF-8 with
/// a bare 400; where a value may hold more than ASCII, its bytes are read here.
/// </summary>
internal static class HeaderText
{
    public static string Of(string value)
    {
        if (Ascii.IsValid(value))
        {
            return value;
        }

        var bytes = Encoding.Latin1.GetBytes(value);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : value;
    }
}
