using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Zoetrope.Server.Catalog.Routes.Transforms;

/// <summary>
/// How a vendor refers to input files inside a prompt, by our own marks: <c>{"@Image": "Image {n}"}</c>, with <c>{i}</c> for a
/// vendor that counts from 0. A mark without a form stays.
/// </summary>
internal sealed partial class FileMarks(FrozenDictionary<string, FileMarks.Form> forms)
{
    public static readonly IReadOnlyList<string> Ours = ["@Image", "@Video", "@Audio"];

    public string Write(string prompt) => OurMark().Replace(prompt, match =>
        forms.TryGetValue(match.Groups["kind"].Value, out var form) ? form.With(match.Groups["n"].Value) : match.Value);

    [GeneratedRegex("(?<kind>@Image|@Video|@Audio)(?<n>[0-9]+)")]
    private static partial Regex OurMark();

    /// <summary>A vendor's mark around the number of a file.</summary>
    /// <param name="Before">The text in front of the number.</param>
    /// <param name="After">The text behind it.</param>
    /// <param name="FromZero">Whether the vendor counts from 0.</param>
    internal sealed record Form(string Before, string After, bool FromZero)
    {
        /// <summary>Null where the text does not contain <c>{n}</c> or <c>{i}</c> exactly once.</summary>
        public static Form? Parse(string text)
        {
            string[] numbers = ["{n}", "{i}"];
            var places = numbers.Select(number => text.IndexOf(number, StringComparison.Ordinal)).Where(place => place >= 0).ToList();
            return places is [var place] && text.IndexOf(text.Substring(place, 3), place + 3, StringComparison.Ordinal) < 0
                ? new Form(text[..place], text[(place + 3)..], text[place + 1] == 'i')
                : null;
        }

        public string With(string number) => Before + (FromZero ? Less(number) : number) + After;

        private static string Less(string number) => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
            ? (n - 1).ToString(CultureInfo.InvariantCulture)
            : number;
    }
}
