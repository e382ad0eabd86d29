using System.Diagnostics.CodeAnalysis;

namespace Zoetrope.Server;

/// <summary>What a stranger wrote, cut to what a message has room for; the mark at its end is part of that length.</summary>
internal static class ShortText
{
    public const int Longest = 80;

    [return: NotNullIfNotNull(nameof(text))]
    public static string? Of(string? text, int longest = Longest)
    {
        if (text is null || text.Length <= longest)
        {
            return text;
        }

        // Half of a character outside the basic plane is no text.
        var end = longest - 1;
        end -= end > 0 && char.IsHighSurrogate(text[end - 1]) ? 1 : 0;
        return $"{text.AsSpan(0, end).TrimEnd()}…";
    }
}
