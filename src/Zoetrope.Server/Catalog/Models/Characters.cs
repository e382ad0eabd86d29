namespace Zoetrope.Server.Catalog.Models;

/// <summary>The length of a text as people and models count it: an emoji is one character, not two units of UTF-16.</summary>
internal static class Characters
{
    public static int Count(string text)
    {
        var pairs = 0;
        for (var i = 1; i < text.Length; i++)
        {
            pairs += char.IsSurrogatePair(text[i - 1], text[i]) ? 1 : 0;
        }

        return text.Length - pairs;
    }

    public static bool IsWithin(string text, int min, int max) =>
        text.Length >= min && (text.Length <= max || Count(text) <= max) && (min <= 1 || Count(text) >= min);
}
