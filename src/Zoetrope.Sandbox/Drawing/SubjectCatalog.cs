using System.Collections.Frozen;
using Zoetrope.Sandbox.Drawing.Catalog;

namespace Zoetrope.Sandbox.Drawing;

/// <summary>Every subject the sandbox can draw: its words, its painter, where it lives and how big it is.</summary>
internal static class SubjectCatalog
{
    private static readonly SubjectSpec[] All =
    [
        .. Beings.All,
        .. Crafts.All.Select(static spec => spec with { Nature = Nature.Craft }),
        .. Objects.All.Select(static spec => spec with { Nature = Nature.Thing }),
    ];

    private static readonly FrozenDictionary<string, SubjectSpec> ByKind = All.ToFrozenDictionary(spec => spec.Kind,
        StringComparer.Ordinal);

    /// <summary>Word to kind.</summary>
    public static readonly FrozenDictionary<string, string> Words = WordTable();

    public static SubjectSpec Find(string kind) => ByKind[kind];

    private static FrozenDictionary<string, string> WordTable()
    {
        var table = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var spec in All)
        {
            foreach (var word in spec.Words.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                table.TryAdd(word, spec.Kind);
            }
        }

        foreach (var spec in All)
        {
            table[spec.Kind] = spec.Kind;
        }

        foreach (var (plural, kind) in new[] { ("men", "man"), ("women", "woman"), ("wolves", "wolf") })
        {
            table[plural] = kind;
        }

        return table.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
