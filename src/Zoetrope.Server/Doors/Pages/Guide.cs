using System.Collections.Frozen;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Zoetrope.Server.Doors.Shared.Web;

namespace Zoetrope.Server.Doors.Pages;

/// <summary>A page of the repository's Markdown.</summary>
/// <param name="Name">Its address below <c>/guides/</c>.</param>
/// <param name="Source">Its path in the repository.</param>
/// <param name="Title">Its first heading.</param>
/// <param name="Summary">The first sentence below that.</param>
/// <param name="Text">Markdown whose links lead to addresses of this server.</param>
internal sealed record Guide(string Name, string Source, string Title, string Summary, string Text)
{
    public const string Root = "/guides/";

    private const string Docs = "docs/";
    private const string Suffix = ".md";

    private static readonly FrozenDictionary<string, Guide> ByName =
        Embedded.Names.Where(IsGuide).Select(Read).ToFrozenDictionary(guide => guide.Name, StringComparer.Ordinal);

    /// <summary>Pages for those who call the server, those who run it, and so on, in the order in which lists show them.</summary>
    public static IReadOnlyList<(string Title, IReadOnlyList<Guide> Guides)> Groups { get; } =
    [
        ("Call it", Sorted(static name => char.IsAsciiLetter(name[0]) && !name.Contains('/', StringComparison.Ordinal) && !IsOfOperator(name))),
        ("Call it from .NET", Sorted(static name => name.StartsWith("packages/", StringComparison.Ordinal))),
        ("Run it and understand it", Sorted(static name => char.IsAsciiDigit(name[0]) || IsOfOperator(name))),
        ("Vendors", Sorted(static name => name.StartsWith("providers/", StringComparison.Ordinal) || name.StartsWith("samples/", StringComparison.Ordinal))),
        ("Decisions", Sorted(static name => name.StartsWith("decisions/", StringComparison.Ordinal))),
    ];

    public static Guide? Find(string name) => ByName.GetValueOrDefault(name);

    public static string NameOf(string source)
    {
        var name = source.EndsWith("/README.md", StringComparison.Ordinal) ? source[..^"/README.md".Length] : source[..^Suffix.Length];
        return name.StartsWith(Docs, StringComparison.Ordinal) ? name[Docs.Length..]
            : name.StartsWith("src/", StringComparison.Ordinal) ? "packages/" + name["src/".Length..]
            : name.Contains('/', StringComparison.Ordinal) ? name
            : name.ToLowerInvariant();
    }

    /// <summary>Where a link of a page leads on this server; unchanged where it leads elsewhere.</summary>
    public static string Resolve(string source, string link)
    {
        if (link.StartsWith('#') || link.Contains("://", StringComparison.Ordinal) || link.StartsWith("mailto:", StringComparison.Ordinal))
        {
            return link;
        }

        if (link.EndsWith('/'))
        {
            // A folder of the repository is the list of pages.
            return Root.TrimEnd('/');
        }

        var (path, anchor) = link.IndexOf('#', StringComparison.Ordinal) is var at and >= 0 ? (link[..at], link[at..]) : (link, "");
        var target = new Uri(new Uri("file:///" + source), path).AbsolutePath.TrimStart('/');
        return IsGuide(target) && Embedded.Names.Contains(target) ? $"{Root}{NameOf(target)}{Suffix}{anchor}" : link;
    }

    private static bool IsGuide(string resource) => resource.EndsWith(Suffix, StringComparison.Ordinal);

    private static bool IsOfOperator(string name) => name is "catalog" or "benchmarks" or "changelog";

    private static IReadOnlyList<Guide> Sorted(Func<string, bool> belongs) =>
        [.. ByName.Values.Where(guide => belongs(guide.Name)).OrderBy(guide => guide.Name, StringComparer.Ordinal)];

    private static Guide Read(string resource)
    {
        var source = resource.Replace('\\', '/');
        var text = Embedded.Text(resource);
        var document = MarkdownText.Parse(text);
        foreach (var url in document.Descendants<LinkInline>().Select(link => link.Url).OfType<string>().Distinct())
        {
            text = text.Replace($"]({url})", $"]({Resolve(source, url)})", StringComparison.Ordinal);
        }

        var title = MarkdownText.Words(document.OfType<HeadingBlock>().FirstOrDefault());
        return new Guide(NameOf(source), source, title.Length > 0 ? title : source, FirstSentence(document), text);
    }

    private static string FirstSentence(MarkdownDocument document)
    {
        var words = MarkdownText.Words(document.OfType<ParagraphBlock>().FirstOrDefault());
        var end = words.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? words : words[..(end + 1)];
    }
}
