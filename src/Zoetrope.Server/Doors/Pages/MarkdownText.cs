using System.Text;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Extensions.Tables;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Zoetrope.Server.Doors.Shared.Web;

namespace Zoetrope.Server.Doors.Pages;

/// <summary>Markdown as pages show it: tables, the anchors that GitHub gives headings, and never HTML of the text's own.</summary>
internal static class MarkdownText
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables()
        .UseAutoIdentifiers(AutoIdentifierOptions.GitHub)
        .DisableHtml()
        .Build();

    public static MarkdownDocument Parse(string text) => Markdown.Parse(text, Pipeline);

    public static Html ToHtml(string text) => ToHtml(Parse(text));

    public static Html ToHtml(MarkdownDocument document)
    {
        using var writer = new StringWriter();
        var renderer = new HtmlRenderer(writer);
        Pipeline.Setup(renderer);
        renderer.ObjectRenderers.Replace<HtmlTableRenderer>(new WideTable());
        renderer.ObjectRenderers.Replace<CodeBlockRenderer>(new WideCode());
        renderer.Render(document);
        return Html.Own(writer.ToString());
    }

    /// <summary>Text that means itself, also in a cell of a table.</summary>
    public static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length + 8);
        foreach (var character in text)
        {
            if (char.IsControl(character))
            {
                plain.Append(' ');
                continue;
            }

            if (character is '\\' or '`' or '*' or '_' or '{' or '}' or '[' or ']' or '<' or '>' or '|' or '#' or '!' or '~' or '&')
            {
                plain.Append('\\');
            }

            plain.Append(character);
        }

        return plain.ToString();
    }

    /// <summary>A name or a value, as code where it can be.</summary>
    public static string Code(string text) =>
        text.Length == 0 || text.AsSpan().ContainsAny("`|\r\n") ? Plain(text) : $"`{text}`";

    /// <summary>The words of a heading or a paragraph, without their markup.</summary>
    public static string Words(LeafBlock? block)
    {
        var words = new StringBuilder();
        foreach (var inline in block?.Inline?.Descendants() ?? [])
        {
            words.Append(inline switch
            {
                LiteralInline literal => literal.Content.ToString(),
                CodeInline code => code.Content,
                LineBreakInline => " ",
                _ => "",
            });
        }

        return words.ToString();
    }

    // Wider than a phone, so it moves sideways within the page; whoever has no mouse can reach it.
    private sealed class WideTable : HtmlTableRenderer
    {
        protected override void Write(HtmlRenderer renderer, Table table)
        {
            renderer.Write("<div class=\"wide\" role=\"group\" aria-label=\"Table\" tabindex=\"0\">");
            base.Write(renderer, table);
            renderer.WriteLine("</div>");
        }
    }

    private sealed class WideCode : CodeBlockRenderer
    {
        protected override void Write(HtmlRenderer renderer, CodeBlock block)
        {
            renderer.Write("<div class=\"wide\" role=\"group\" aria-label=\"Code\" tabindex=\"0\">");
            base.Write(renderer, block);
            renderer.WriteLine("</div>");
        }
    }
}
