using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Zoetrope.Server.Doors.Shared.Web;

namespace Zoetrope.Server.Doors.OAuth.Consent;

/// <summary>What the consent page shows.</summary>
internal sealed record ConsentView(
    OAuthClient Client,
    string Action,
    string RedirectUri,
    Scopes Scopes,
    string Seal,
    IReadOnlyList<KeyValuePair<string, string>> Parameters)
{
    public string? Error { get; init; }

    /// <summary>Null at the first step, which asks for the API key.</summary>
    public ConsentTerms? Terms { get; init; }

    /// <summary>The person who is signed in, and their account; null if nobody is.</summary>
    public string? SignedIn { get; init; }

    public required TimeSpan Lifetime { get; init; }
}

/// <summary>
/// The consent page, and the page of requests that are refused without going back to the program: plain HTML and no script, so that
/// nothing on them can do anything but send the form.
/// </summary>
internal static class ConsentPage
{
    private const string Style =
        """
        :root{color-scheme:light dark;--ink:#1c1b22;--soft:#5d5b69;--line:#d9d7e2;--card:#fff;--page:#f3f2f7;
        --accent:#4b3fd6;--warn:#8a1c1c;--warnbg:#fdecec}
        @media(prefers-color-scheme:dark){:root{--ink:#eceaf4;--soft:#a5a2b5;--line:#3a3846;--card:#1f1e27;--page:#15141b;
        --accent:#8d84ff;--warn:#ffb4b4;--warnbg:#3a1f24}}
        *{box-sizing:border-box}
        body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;background:var(--page);color:var(--ink);
        font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
        main{width:100%;max-width:480px;background:var(--card);border:1px solid var(--line);border-radius:16px;padding:32px;
        box-shadow:0 8px 30px rgba(20,16,60,.08)}
        .brand{font-weight:600;letter-spacing:.02em;color:var(--accent);margin:0 0 16px}
        h1{font-size:1.4rem;line-height:1.3;margin:0 0 8px;overflow-wrap:anywhere}
        a{color:var(--accent)}summary{cursor:pointer;margin-top:16px}p{margin:0 0 12px}.soft{color:var(--soft);font-size:.9rem}
        .to{border:1px solid var(--line);border-radius:10px;padding:10px 14px;margin:16px 0;overflow-wrap:anywhere;background:var(--page)}
        input+.soft,.two+.soft{margin-top:8px}form+.soft{margin:20px 0 0}
        ul{margin:0 0 16px;padding-left:20px}
        .error{background:var(--warnbg);color:var(--warn);border-radius:10px;padding:10px 14px;margin:0 0 16px}
        label{display:block;font-weight:600;margin:16px 0 4px}
        input{width:100%;font:inherit;color:inherit;background:transparent;
        border:1px solid var(--line);border-radius:10px;padding:10px 12px}
        input:focus-visible,button:focus-visible{outline:3px solid var(--accent);outline-offset:1px}
        dl{display:grid;grid-template-columns:auto 1fr;gap:6px 16px;margin:16px 0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
        .two{display:grid;grid-template-columns:1fr 1fr;gap:16px}
        .buttons{display:flex;gap:12px;margin-top:24px;flex-direction:row-reverse}
        button{flex:1;font:inherit;font-weight:600;border-radius:10px;padding:12px;border:1px solid var(--line);
        background:transparent;color:inherit;cursor:pointer}
        button.go{background:var(--accent);border-color:var(--accent);color:#fff}
        @media(prefers-color-scheme:dark){button.go{color:#15141b}}
        @media(max-width:420px){.two,dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}main{padding:24px}}
        """;

    private static readonly string StyleHash = "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)));

    public static Task WriteAsync(HttpContext context, ConsentView view, int status) =>
        WriteAsync(context, status, $"'self' {OAuthText.Source(view.RedirectUri)}", Consent(view));

    public const string NobodyAllowedIt = "Nobody has allowed it anything on this server yet, so you are not sent back to it.";

    /// <summary>Whether a browser asks, with a person before it.</summary>
    public static bool IsWantedBy(HttpRequest request) =>
        request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    /// <summary>Says to a person what is wrong, where the program's address is not to be trusted with it.</summary>
    public static Task RefuseAsync(HttpContext context, string error, string description, string why) => WriteAsync(
        context,
        StatusCodes.Status400BadRequest,
        "'none'",
        Frame(
            "Request refused",
            $"""
            <h1>This request cannot be answered</h1>
            <p class="error" role="alert">{description}</p>
            <p>A program sent you here. {why}
            If you did not expect this page, close it.</p>
            <p class="soft">For the program’s authors: {error}</p>
            """));

    private static Task WriteAsync(HttpContext context, int status, string formAction, Html page) => FormPage.WriteAsync(
        context,
        status,
        $"default-src 'none'; style-src '{StyleHash}'; form-action {formAction}; base-uri 'none'; frame-ancestors 'none'",
        page);

    private static Html Frame(string title, Html content) =>
        $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <title>{title} · Zoetrope</title>
        <style>{Html.Own(Style)}</style>
        </head>
        <body>
        <main>
        <p class="brand">Zoetrope</p>
        {content}
        </main>
        </body>
        </html>

        """;

    private static Html Consent(ConsentView view) => Frame(
        $"Allow {view.Client.Name}?",
        $"""
        <h1>Allow “{view.Client.Name}” to use your account?</h1>
        <p class="soft">The program chose this name. What matters is where the access goes:</p>
        <p class="to"><strong>{OAuthText.Destination(view.RedirectUri)}</strong></p>
        {Error(view.Error)}
        <p>It will be able to</p>
        <ul>
        {Rights(view.Scopes)}
        </ul>
        <p class="soft">It cannot read or change webhooks, their secrets, credit alerts, members or what programs may spend.</p>
        <form method="post" action="{view.Action}" autocomplete="off">
        {view.Parameters.Select(Hidden)}
        {Hidden(KeyValuePair.Create(ConsentForm.Seal, view.Seal))}
        {(view.Terms is { } terms ? Limits(view, terms) : view.SignedIn is { } person ? Modes(person) : KeyField(view))}
        <button name="{ConsentForm.Decision}" value="{ConsentForm.Deny}" formnovalidate>Deny</button>
        </div>
        </form>
        <p class="soft">The access ends when you end it, when your key or membership ends, when the program gives it up,
        or after {view.Lifetime.TotalDays.ToString("0.#", CultureInfo.InvariantCulture)} days without use.</p>
        """);

    private static Html Modes(string person) =>
        $"""
        <dl><dt>You</dt><dd>{person}</dd></dl>
        <p class="soft">Next you see the credits and the prices, and set what the program may spend. Test credits pay for the built-in
        sandbox only.</p>
        <div class="buttons">
        <button class="go" name="{ConsentForm.Decision}" value="live">Live credits</button>
        <button name="{ConsentForm.Decision}" value="test">Test credits</button>
        </div>
        <details><summary>Use an API key instead</summary>
        <input type="text" autocomplete="username" value="API key" readonly hidden>
        <label for="key">API key</label>
        <input id="key" name="{ConsentForm.Key}" type="password" placeholder="sk-…" autocomplete="off" spellcheck="false">
        <div class="buttons"><button name="{ConsentForm.Decision}" value="{ConsentForm.Continue}">Continue with the key</button></div>
        </details>
        <div class="buttons">
        """;

    private static Html KeyField(ConsentView view) =>
        $"""
        <p><a href="{SignInOf(view)}">Sign in</a>, or enter an API key.</p>
        <input type="text" autocomplete="username" value="API key" readonly hidden>
        <label for="key">Your API key</label>
        <input id="key" name="{ConsentForm.Key}" type="password" placeholder="sk-…" autocomplete="current-password"
        spellcheck="false" required autofocus aria-describedby="key-help">
        <p class="soft" id="key-help">It proves that the account is yours. The program never sees it.
        Next you see your credits and the prices, and set what the program may spend.</p>
        <div class="buttons">
        <button class="go" name="{ConsentForm.Decision}" value="{ConsentForm.Continue}">Continue</button>
        """;

    private static Html Limits(ConsentView view, ConsentTerms terms) =>
        $"""
        {Hidden(KeyValuePair.Create(ConsentForm.Ticket, terms.Ticket))}
        <dl>
        <dt>{(terms.Person.Caller.Session is null ? "Your key" : "You")}</dt><dd>{terms.Person.Shown} ({terms.Person.Caller.Mode.Word()})</dd>
        <dt>Your credits</dt><dd>{Number(terms.Person.Balance)}{KeyLimit(terms.Person.Caller.Limits)}</dd>
        {(view.Scopes.HasFlag(Scopes.Generate) ? terms.Prices.Select(Price) : [])}
        </dl>
        {(view.Scopes.HasFlag(Scopes.Generate) ? Fields(terms) : Html.Nothing)}
        <div class="buttons">
        <button class="go" name="{ConsentForm.Decision}" value="{ConsentForm.Allow}">Allow</button>
        """;

    private static Html Fields(ConsentTerms terms) =>
        $"""
        <p class="soft">Longer and larger results cost more, and so do several.</p>
        <div class="two">
        <div><label for="spend">Credits a day</label>
        <input id="spend" name="{ConsentForm.SpendPerDay}" inputmode="numeric" pattern="[0-9]*"
        value="{terms.SpendPerDay}" autofocus aria-describedby="spend-help"></div>
        <div><label for="ask">Ask me above</label>
        <input id="ask" name="{ConsentForm.AskAbove}" inputmode="numeric" pattern="[0-9]*"
        value="{terms.AskAbove}" aria-describedby="ask-help"></div>
        </div>
        <p class="soft" id="spend-help"><strong>Credits a day</strong> is the most it can spend in a UTC day, whatever it does:
        at most {Number(ConsentForm.Most(terms.Person))}, which is also what an empty field means.</p>
        <p class="soft" id="ask-help"><strong>Ask me above</strong> is the price of one request above which it is refused, unless the
        program reports over MCP that it asked you and you agreed. This server does not see whether it did.
        An empty field means {(terms.Person.Caller.Limits.AskAbove is { } above ? $"{above}, your own limit" : "never")}.</p>
        <p class="soft">You can change both later{(terms.Person.Caller.Session is null ? " with this key" : "")}: <code>zoetrope grants change</code>, or
        <code>PATCH /api/v1/grants/…</code></p>
        """;

    // Back to this very question, once somebody is signed in.
    private static string SignInOf(ConsentView view) => "/sign-in?next=" + Uri.EscapeDataString(view.Action + "?" + string.Join(
        '&', view.Parameters.Select(static pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}")));

    private static string KeyLimit(KeyLimits limits) =>
        (limits.SpendPerDay is { } perDay ? $"; you may spend {Number(perDay)} a day" : "")
        + (limits.AskAbove is { } above ? $"; it asks above {Number(above)}" : "");

    private static Html Price(PriceExample example)
    {
        var (lowest, highest) = (example.Prices[0], example.Prices[^1]);
        return
            $"""
            <dt>{(example.Media is MediaType.Video ? "A video" : "An image")}</dt>
            <dd>{Number(lowest)}{(highest > lowest ? " to " + Number(highest) : "")} credits with usual settings,
            for example {Number(example.Typical)} for {example.Shape} with {example.Model}</dd>

            """;
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static Html Error(string? error) => error is null ? Html.Nothing : $"""<p class="error" role="alert">{error}</p>""";

    private static IEnumerable<Html> Rights(Scopes scopes)
    {
        if (scopes.HasFlag(Scopes.Generate))
        {
            yield return Html.Own("<li>make images and videos, which costs credits</li>\n");
        }

        if (scopes.HasFlag(Scopes.Read))
        {
            yield return Html.Own("<li>see your tasks, their results and your credits, and follow what happens to them</li>\n");
        }
    }

    private static Html Hidden(KeyValuePair<string, string> field) =>
        $"""<input type="hidden" name="{field.Key}" value="{field.Value}">""";
}
