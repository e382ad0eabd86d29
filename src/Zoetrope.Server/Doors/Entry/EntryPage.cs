using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Web;

namespace Zoetrope.Server.Doors.Entry;

/// <summary>What the pages of this door have in common: the frame, one style, one script, and what a browser may do.</summary>
internal static class EntryPage
{
    public const string StyleAddress = "/entry.css";
    public const string ScriptAddress = "/entry.js";

    private const string Policy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        + "frame-ancestors 'none'";

    public static readonly byte[] Style = Embedded.Bytes("entry.css");
    public static readonly byte[] Script = Embedded.Bytes("entry.js");

    /// <param name="title">Of the page.</param>
    /// <param name="content">What is in it.</param>
    /// <param name="status">The answer's.</param>
    /// <param name="isWide">A page to read, not a form to fill in.</param>
    /// <param name="aside">What stands beside the name of the server.</param>
    public static Answer Of(string title, Html content, int status = StatusCodes.Status200OK, bool isWide = false, Html? aside = null) =>
        new(context => FormPage.WriteAsync(context, status, Policy, Frame(title, content, isWide, aside ?? Html.Nothing)));

    /// <summary>A form was good: the browser asks for the next page with GET.</summary>
    public static Answer Go(string path) => new(context =>
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = path;
        context.Response.Headers.CacheControl = "no-store";
        return Task.CompletedTask;
    });

    public static Html Field(
        string name, string label, string type = "text", string autocomplete = "off", string value = "", string hint = "") =>
        $"""
        <div class="field"><label for="{name}">{label}</label>
        <input id="{name}" name="{name}" type="{type}" autocomplete="{autocomplete}" value="{value}" spellcheck="false"
        {(hint.Length > 0 ? Html.Own("aria-describedby=\"" + name + "-hint\"") : Html.Nothing)}>
        {(hint.Length > 0 ? Hint(name, hint) : Html.Nothing)}</div>

        """;

    public static Html Error(Problem? problem) => problem is null
        ? Html.Nothing
        : (Html)$"""<p class="error" role="alert">{problem.Message}</p>""";

    private static Html Hint(string name, string hint) => $"""<small id="{name}-hint">{hint}</small>""";

    private static Html Frame(string title, Html content, bool isWide, Html aside) =>
        $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex">
        <title>{title} · Zoetrope</title>
        <link rel="icon" href="/icon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="{StyleAddress}">
        <script src="{ScriptAddress}" defer></script>
        </head>
        <body{(isWide ? Html.Own(" class=\"page\"") : Html.Nothing)}>
        <a class="skip" href="#content">To the content</a>
        <header>
        <a class="brand" href="/"><img src="/icon.svg" alt="" width="28" height="28">Zoetrope</a>
        {aside}
        </header>
        <main id="content">
        {content}
        </main>
        </body>
        </html>

        """;
}
