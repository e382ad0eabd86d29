using System.Globalization;
using System.Resources;

namespace Zoetrope.Studio.Texts;

/// <summary>Every text of the studio, by its key. The first part of a key names the file that it is in.</summary>
public static class Words
{
    private static readonly Dictionary<string, ResourceManager> Books = new[] { "Frame", "Parts", "Create", "Results", "Gallery", "Compare", "Activity", "Develop", "Account", "Operate", "Failures" }
        .ToDictionary(name => name.ToLowerInvariant(), name => new ResourceManager($"Zoetrope.Studio.Texts.{name}", typeof(Words).Assembly));

    /// <summary>The text of a key; the key itself where nobody has written it, which a test does not let pass.</summary>
    public static string T(string key) => Find(key) ?? key;

    /// <summary>The text with values in it.</summary>
    public static string T(string key, params object?[] values) => string.Format(CultureInfo.CurrentCulture, T(key), values);

    internal static string? Find(string key) => Books.GetValueOrDefault(key.Split('.')[0])?.GetString(key, CultureInfo.CurrentUICulture);
}
