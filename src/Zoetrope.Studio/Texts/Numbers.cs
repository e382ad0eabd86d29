using System.Globalization;

namespace Zoetrope.Studio.Texts;

/// <summary>Numbers and times as the browser's language writes them.</summary>
internal static class Numbers
{
    public static string Text(long number) => number.ToString("N0", CultureInfo.CurrentCulture);

    public static string Text(double number) => number.ToString(number < 10 ? "0.#" : "N0", CultureInfo.CurrentCulture);

    public static string Signed(long number) => number.ToString("+#,0;−#,0;0", CultureInfo.CurrentCulture);

    /// <summary>Millionths of a US dollar.</summary>
    public static string Dollars(long micros) => Words.T("parts.dollars", (micros / 1_000_000m).ToString("N2", CultureInfo.CurrentCulture));

    /// <summary>A part of a whole; nothing of nothing is a stroke.</summary>
    public static string Percent(long part, long whole) => whole == 0 ? "–" : (100.0 * part / whole).ToString("0.#", CultureInfo.CurrentCulture) + " %";

    public static string Seconds(long milliseconds) => Words.T("parts.seconds", Text(milliseconds / 1000.0));

    public static string Day(string at) => Read(at).ToLocalTime().ToString("d", CultureInfo.CurrentCulture);

    public static string Moment(string at) => Read(at).ToLocalTime().ToString("g", CultureInfo.CurrentCulture);

    private static DateTimeOffset Read(string at) => DateTimeOffset.Parse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
