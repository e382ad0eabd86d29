using System.Globalization;
using System.Text;

namespace Zoetrope.Cli;

/// <summary>Figures as people read them.</summary>
internal static class Words
{
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => "1 s",
        { TotalSeconds: < 90 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds):0} s"),
        { TotalMinutes: < 90 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Round(time.TotalMinutes):0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Round(time.TotalHours):0} h"),
    };

    public static string Size(long bytes) => bytes < 1_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} kB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB");

    public static string Credits(long credits) =>
        credits == 1 ? "1 credit" : string.Create(CultureInfo.InvariantCulture, $"{credits} credits");

    public static string Count(int count, string noun) => $"{count.ToString(CultureInfo.InvariantCulture)} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>A prompt as a part of a file's name: lower-case words of letters and digits, joined by hyphens.</summary>
    public static string Slug(string text, int length)
    {
        var slug = new StringBuilder(length);
        foreach (var rune in text.ToLowerInvariant().EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
            {
                slug.Append(rune);
            }
            else if (slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }

            if (slug.Length >= length)
            {
                // A word that does not fit is left out, unless it is the only one.
                var end = slug.ToString().LastIndexOf('-');
                slug.Length = end > length / 2 ? end : length;
                break;
            }
        }

        // Half of a character outside the basic plane is no text, and some file systems refuse it.
        var name = slug.ToString().Trim('-');
        return name.Length > 0 && char.IsHighSurrogate(name[^1]) ? name[..^1] : name;
    }
}
