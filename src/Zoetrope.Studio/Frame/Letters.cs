namespace Zoetrope.Studio.Frame;

/// <summary>
/// Keys that lead somewhere. An element with <c>data-keys</c> is pressed by them (<c>studio.js</c>), or gets the focus if it takes text.
/// </summary>
internal static class Letters
{
    private static readonly Dictionary<string, string> Places = new()
    {
        ["/"] = "c", ["/gallery"] = "g", ["/activity"] = "a", ["/keys"] = "k", ["/webhooks"] = "w", ["/usage"] = "u", ["/ledger"] = "l",
        ["/apps"] = "p", ["/connect"] = "n", ["/members"] = "m", ["/budgets"] = "b", ["/operate"] = "o",
    };

    /// <summary>All others, in the order in which people are told: the keys, and the text that says what they do.</summary>
    public static IReadOnlyList<(string Keys, string Text)> Others { get; } =
    [
        ("Ctrl ↵", "create.make"), ("Ctrl K", "frame.palette"), ("/", "frame.keys.write"), ("↑ ↓", "frame.keys.earlier"), ("m", "create.family"),
        ("]", "create.code"), ("t", "frame.keys.mode"), ("?", "frame.keys"), ("Esc", "frame.keys.close"),
    ];

    /// <summary>The two keys that lead to a page; null if none do.</summary>
    public static string? Of(string path) => Places.GetValueOrDefault(path) is { } letter ? "g " + letter : null;
}
