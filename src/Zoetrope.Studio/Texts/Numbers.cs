using System.Globalization;

namespace Zoetrope.Studio.Texts;

/// <summary>Numbers and times as the browser's language writes them.</summary>
internal static class Numbers
{
    public static string Text(long number) => number.ToString("N0", CultureInfo.CurrentCulture);

    public static string Text(double number) => number.ToString(number < 10 ? "0.#" : "N0", CultureInfo.CurrentCulture);

    public static string Signed(long number) => number.ToString("+#,0;−#,0;0", CultureInfo.CurrentCulture);

    public static string Day(string at) => Read(at).ToLocalTime().ToString("d", CultureInfo.CurrentCulture);

    public static string Moment(string at) => Read(at).ToLocalTime().ToString("g", CultureInfo.CurrentCulture);

    private static DateTimeOffset Read(string at) => DateTimeOffset.Parse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
