using System.Globalization;

namespace Zoetrope.Server;

/// <summary>Times on the wire: ISO 8601, UTC, milliseconds, as VicSee writes them.</summary>
internal static class WireTime
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    public static string Text(long unixMilliseconds) => Text(DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds));

    public static string? Text(long? unixMilliseconds) => unixMilliseconds is { } value ? Text(value) : null;

    /// <summary>The same into a buffer of at least 24 characters.</summary>
    public static int Write(DateTimeOffset time, Span<char> text)
    {
        time.UtcDateTime.TryFormat(text, out var length, Format, CultureInfo.InvariantCulture);
        return length;
    }
}
