using System.Globalization;

namespace Zoetrope.Server;

/// <summary>Days of UTC as rows count them: since 1970-01-01.</summary>
internal static class UtcDay
{
    public static long Of(DateTimeOffset time) =>
        time.UtcTicks / TimeSpan.TicksPerDay - DateTimeOffset.UnixEpoch.Ticks / TimeSpan.TicksPerDay;

    /// <summary>The midnight that such a day begins with.</summary>
    public static DateTimeOffset Start(long day) => DateTimeOffset.UnixEpoch.AddDays(day);

    /// <summary>The midnight that ends the day of this time.</summary>
    public static DateTimeOffset End(DateTimeOffset time) => Start(Of(time) + 1);

    /// <summary>Such a day as ISO 8601 writes it.</summary>
    public static string Text(long day) => Start(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
