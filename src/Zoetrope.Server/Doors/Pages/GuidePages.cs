using System.Collections.Concurrent;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Web;

namespace Zoetrope.Server.Doors.Pages;

/// <summary><c>/guides</c>: the repository's documentation, as pages and, with <c>.md</c> at the end, as it is written.</summary>
internal static class GuidePages
{
    private const string Suffix = ".md";

    private static readonly ConcurrentDictionary<string, Page> Rendered = new(StringComparer.Ordinal);

    public static Answer Index() => Rendered.GetOrAdd("", static _ => PageFrame.Of(
        "Guides · Zoetrope",
        "How to call and to run this server.",
        $"""
        <article>
        <h1>Guides</h1>
        <p>Every guide is also plain Markdown: add <code>.md</code> to its address. <a href="/llms.txt">/llms.txt</a> lists them for agents.</p>
        {Guide.Groups.Select(static group => Group(group.Title, group.Guides))}
        </article>
        """)).Answer();

    public static Answer Show(string name)
    {
        var isText = name.EndsWith(Suffix, StringComparison.Ordinal);
        if (Guide.Find(isText ? name[..^Suffix.Length] : name) is { } guide)
        {
            return Rendered.GetOrAdd(name, static (_, wanted) => wanted.isText ? Page.Of(wanted.guide.Text, Page.Markdown) : Read(wanted.guide), (isText, guide)).Answer();
        }

        return PageFrame.Missing($"There is no guide “{ShortText.Of(name)}”", Html.Own("""See <a href="/guides">all guides</a>."""))
            .Answer(StatusCodes.Status404NotFound);
    }

    private static Page Read(Guide guide)
    {
        var document = MarkdownText.Parse(guide.Text);
        foreach (var link in document.Descendants<LinkInline>())
        {
            link.Url = AsPage(link.Url);
        }

        return PageFrame.WithList($"{guide.Title} · Zoetrope", guide.Summary, Links(guide), MarkdownText.ToHtml(document));
    }

    // A link of the text leads to the text, one of the page to the page.
    private static string? AsPage(string? url)
    {
        if (url is null || !url.StartsWith(Guide.Root, StringComparison.Ordinal))
        {
            return url;
        }

        var end = url.IndexOf('#', StringComparison.Ordinal) is var at and >= 0 ? at : url.Length;
        return url[..end].EndsWith(Suffix, StringComparison.Ordinal) ? url[..(end - Suffix.Length)] + url[end..] : url;
    }

    private static Html Links(Guide current) =>
        $"""
        {Guide.Groups.Where(group => group.Title != "Decisions" || group.Guides.Contains(current)).Select(group => Short(group.Title, group.Guides, current))}
        """;

    private static Html Short(string title, IReadOnlyList<Guide> guides, Guide current) =>
        $"""
        <h2>{title}</h2>
        <ul>
        {guides.Select(guide => Link(guide, guide == current))}</ul>

        """;

    private static Html Link(Guide guide, bool isCurrent)
    {
        var mark = Html.Own(isCurrent ? " aria-current=\"page\"" : "");
        return $"""
        <li><a href="{Guide.Root + guide.Name}"{mark}>{guide.Title}</a></li>

        """;
    }

    private static Html Group(string title, IReadOnlyList<Guide> guides) =>
        $"""
        <h2>{title}</h2>
        <dl>
        {guides.Select(static guide => Entry(guide))}</dl>
        """;

    private static Html Entry(Guide guide) =>
        $"""
        <dt><a href="{Guide.Root + guide.Name}">{guide.Title}</a></dt>
        <dd>{guide.Summary}</dd>

        """;
}
