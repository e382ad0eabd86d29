using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Zoetrope.Studio.Tests;

/// <summary>What holds for every source of the studio: its texts are in both languages, and nothing is written where the page's policy refuses it.</summary>
public sealed partial class SourceTests
{
    private static readonly IReadOnlyDictionary<string, string> Sources = Directory.EnumerateFiles(Repository.Studio, "*", SearchOption.AllDirectories)
        .Where(path => path.EndsWith(".razor", StringComparison.Ordinal) || path.EndsWith(".cs", StringComparison.Ordinal))
        .ToDictionary(path => Path.GetRelativePath(Repository.Studio, path), File.ReadAllText);

    private static readonly IReadOnlyDictionary<string, string> English = Read(path => !path.EndsWith(".de.resx", StringComparison.Ordinal));
    private static readonly IReadOnlyDictionary<string, string> German = Read(path => path.EndsWith(".de.resx", StringComparison.Ordinal));

    [Fact]
    public void Every_text_is_in_both_languages_with_the_same_values_in_it()
    {
        Assert.Empty(English.Keys.Except(German.Keys).Concat(German.Keys.Except(English.Keys)));
        Assert.DoesNotContain(English, text => !Holes(text.Value).SequenceEqual(Holes(German[text.Key])));
        Assert.DoesNotContain(English, text => text.Value.Trim().Length == 0);
    }

    [Fact]
    public void Every_key_that_is_asked_for_is_there()
    {
        var asked = Sources.SelectMany(source => AskedKey().Matches(source.Value).Select(match => match.Groups[1].Value)).Distinct().ToList();

        Assert.True(asked.Count > 60, $"Only {asked.Count} keys.");
        Assert.DoesNotContain(asked, key => !English.ContainsKey(key));
    }

    [Fact]
    public void No_component_has_an_inline_style_or_script_or_writes_markup()
    {
        Assert.DoesNotContain(Sources, source => InlineStyle().IsMatch(source.Value));
        Assert.DoesNotContain(Sources, source => source.Value.Contains("MarkupString", StringComparison.Ordinal) || source.Value.Contains("<script", StringComparison.Ordinal));
        Assert.DoesNotContain(Sources, source => source.Value.Contains("<Virtualize", StringComparison.Ordinal));
    }

    [Fact]
    public void Components_stay_short()
    {
        var lengths = Sources.Where(source => source.Key.EndsWith(".razor", StringComparison.Ordinal)).ToDictionary(source => source.Key, source => source.Value.Count(c => c == '\n'));

        Assert.DoesNotContain(lengths, file => file.Value > 250);
        Assert.True(lengths.Values.Order().ElementAt(lengths.Count / 2) <= 50);
    }

    [Fact]
    public void Every_symbol_that_is_shown_is_drawn()
    {
        var drawn = SymbolId().Matches(File.ReadAllText(Path.Combine(Repository.Studio, "wwwroot/studio/icons.svg"))).Select(match => match.Groups[1].Value).ToHashSet();
        var shown = Sources.SelectMany(source => IconName().Matches(source.Value).Select(match => match.Groups[1].Value)).Distinct();

        Assert.Empty(shown.Except(drawn));
    }

    private static Dictionary<string, string> Read(Func<string, bool> wanted) => Directory.EnumerateFiles(Path.Combine(Repository.Studio, "Texts"), "*.resx").Where(wanted)
        .SelectMany(path => XDocument.Load(path).Root!.Elements("data")).ToDictionary(text => text.Attribute("name")!.Value, text => text.Element("value")!.Value);

    private static IEnumerable<string> Holes(string text) => Hole().Matches(text).Select(match => match.Value[..2]).Order(StringComparer.Ordinal);

    // A key that is put together from parts ends with a dot and is not looked up here.
    [GeneratedRegex("""\bT\(\s*"([a-z][\w.-]*\w)"\s*[,)]""")]
    private static partial Regex AskedKey();

    [GeneratedRegex("""\bstyle\s*=\s*["@]""")]
    private static partial Regex InlineStyle();

    [GeneratedRegex("""<symbol id="([\w-]+)" """)]
    private static partial Regex SymbolId();

    [GeneratedRegex("""<Icon Name="([\w-]+)" """)]
    private static partial Regex IconName();

    [GeneratedRegex(@"\{\d[^}]*\}")]
    private static partial Regex Hole();
}
