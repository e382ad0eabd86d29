using System.Text;

namespace Zoetrope.Sandbox.Scenes;

/// <summary>Splits a prompt into lower-case words; quoted text and magic markers are taken out first.</summary>
internal static class PromptWords
{
    private static readonly (char Open, char Close)[] Quotes = [('"', '"'), ('“', '”'), ('«', '»'), ('\'', '\''), ('‘', '’')];

    public static (List<string> Words, string? Quoted) Split(string prompt)
    {
        var text = prompt;
        var quoted = Quoted(ref text);
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var c in text)
        {
            if (IsIdeograph(c))
            {
                Flush(words, word);
                words.Add(c.ToString());
            }
            else if (char.IsLetterOrDigit(c) || (c is '-' or '&' && word.Length > 0))
            {
                word.Append(char.ToLowerInvariant(c));
            }
            else
            {
                Flush(words, word);
                if (c is '.' or ',' or ';' or ':' or '!' or '?')
                {
                    words.Add(",");
                }
            }
        }

        Flush(words, word);
        return (words, quoted);
    }

    /// <summary>Candidates for the dictionary form, most literal first ("foxes", "foxe", "fox").</summary>
    public static IEnumerable<string> Stems(string word)
    {
        yield return word;
        if (word.Length > 4 && word.EndsWith("ies", StringComparison.Ordinal))
        {
            yield return word[..^3] + "y";
        }

        if (word.Length > 4 && word.EndsWith("ves", StringComparison.Ordinal))
        {
            yield return word[..^3] + "f";
        }

        if (word.Length > 3 && word.EndsWith('s'))
        {
            yield return word[..^1];
        }

        if (word.Length > 4 && word.EndsWith("es", StringComparison.Ordinal))
        {
            yield return word[..^2];
        }

        if (word.Contains('-'))
        {
            foreach (var part in word.Split('-', StringSplitOptions.RemoveEmptyEntries))
            {
                yield return part;
            }
        }
    }

    private static void Flush(List<string> words, StringBuilder word)
    {
        if (word.Length > 0)
        {
            words.Add(word.ToString().TrimEnd('-', '&'));
            word.Clear();
        }
    }

    // A single quote opens only after a space, so that "dog's" is a word and not a quotation.
    private static string? Quoted(ref string text)
    {
        foreach (var (open, close) in Quotes)
        {
            for (var start = text.IndexOf(open); start >= 0; start = text.IndexOf(open, start + 1))
            {
                var bound = start == 0 || !char.IsLetterOrDigit(text[start - 1]);
                var end = text.IndexOf(close, start + 1);
                if (bound && end > start + 1 && end - start <= 41)
                {
                    var quoted = text[(start + 1)..end].Trim();
                    text = string.Concat(text.AsSpan(0, start), " ", text.AsSpan(end + 1));
                    return quoted.Length == 0 ? null : quoted;
                }
            }
        }

        return null;
    }

    private static bool IsIdeograph(char c) => c is >= '\u3040' and <= '\u30ff' or >= '\u4e00' and <= '\u9fff';
}
