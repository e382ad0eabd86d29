using System.Security.Cryptography;
using System.Text;
using Zoetrope.Server.Doors.Shared.Web;

namespace Zoetrope.Server.Doors.Pages;

/// <summary>What every page has: the head, the way to the other pages, the foot.</summary>
internal static class PageFrame
{
    private static readonly string Style = Embedded.Text("pages.css");

    /// <summary>The one style that a browser may apply; it travels in the page.</summary>
    public static string StyleHash { get; } = "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)));

    public static Page Of(string title, string description, Html content) => Page.Of(
        Frame(title, description, content).ToString(), "text/html; charset=utf-8");

    /// <summary>What somebody shows to whoever has its link.</summary>
    public static Page Shared(string title, Html card, Html content) => new(
        Encoding.UTF8.GetBytes(Frame(title, title, content, $"""<meta name="robots" content="noindex">{card}""").ToString()),
        "text/html; charset=utf-8") { IsShared = true };

    /// <summary>A page with a column of links beside what is read.</summary>
    public static Page WithList(string title, string description, Html list, Html content) => Of(
        title,
        description,
        $"""
        <div class="columns">
        <nav class="list" aria-label="Pages">
        {list}</nav>
        <article>
        {content}</article>
        </div>
        """);

    /// <summary>Says that there is no such page, and where to look.</summary>
    public static Page Missing(string what, Html where) => Of(
        "Not found",
        "There is no such page.",
        $"""
        <article>
        <h1>{what}</h1>
        <p>{where}</p>
        </article>
        """);

    private static Html Frame(string title, string description, Html content, Html? head = null) =>
        $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="description" content="{description}">
        <title>{title}</title>
        {head ?? Html.Nothing}
        <link rel="icon" href="/icon.svg" type="image/svg+xml">
        <style>{Html.Own(Style)}</style>
        </head>
        <body>
        <a class="skip" href="#content">To the content</a>
        <header>
        <a class="brand" href="/"><img src="/icon.svg" alt="" width="28" height="28">Zoetrope</a>
        <nav aria-label="Site">
        <a href="/guides">Guides</a>
        <a href="/models">Models</a>
        <a href="/docs">API reference</a>
        </nav>
        </header>
        <main id="content">
        {content}
        </main>
        <footer>
        <p>Zoetrope {ProductVersion.Text}</p>
        <nav aria-label="For programs">
        <a href="/openapi/v1.json">OpenAPI</a>
        <a href="/llms.txt">llms.txt</a>
        <a href="/health/ready">Health</a>
        </nav>
        </footer>
        </body>
        </html>

        """;
}
