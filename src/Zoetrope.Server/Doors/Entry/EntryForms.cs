using Zoetrope.Server.Doors.Entry.Outside;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Doors.Shared.Browsers;
using Zoetrope.Server.Doors.Shared.Web;
using Zoetrope.Server.People;
using Zoetrope.Server.People.Outside;

namespace Zoetrope.Server.Doors.Entry;

/// <summary>
/// <c>/sign-in</c>, <c>/welcome</c> and <c>/invitation</c>: forms that work without a script, except that a link's token stands behind
/// its # and has to be pasted then.
/// </summary>
internal static class EntryForms
{
    public const string SignInPage = "/sign-in";
    public const string Reason = "whoever comes in has no credential yet";

    public static IEndpointRouteBuilder MapEntryForms(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("").AllowAnonymousCaller(Reason).ExcludeFromDescription();
        pages.MapGet(EntryPage.StyleAddress, static () => Answer.Of(TypedResults.Bytes(EntryPage.Style, "text/css; charset=utf-8")));
        pages.MapGet(
            EntryPage.ScriptAddress, static () => Answer.Of(TypedResults.Bytes(EntryPage.Script, "text/javascript; charset=utf-8")));
        pages.MapGet(SignInPage, static (HttpContext context, OutsideOptions outside, StudioFiles studio) =>
            SignInForm(outside, NextOf(context.Request.Query["next"].ToString(), studio), "", null));
        pages.MapGet("/welcome", static () => NewcomerForm(null, null, null));
        pages.MapGet("/invitation", static (OutsideOptions outside) => NewcomerForm(outside, null, null));
        pages.MapPost(SignInPage, SignInAsync).WithBodyLimit(EntryFields.MaxBody);
        pages.MapPost("/welcome", WelcomeAsync).WithBodyLimit(EntryFields.MaxBody);
        pages.MapPost("/invitation", AcceptAsync).WithBodyLimit(EntryFields.MaxBody);
        pages.MapGet(SecurityPage.Address, static (HttpContext context, SecurityPage page) => page.ShowAsync(context));
        pages.MapPost(SecurityPage.Address, static (HttpContext context, SecurityPage page) => page.ActAsync(context))
            .WithBodyLimit(EntryFields.MaxBody);
        return routes;
    }

    /// <summary>A path of this server, so that no link to this page leads elsewhere.</summary>
    public static string NextOf(string next, StudioFiles studio) =>
        next.Length is > 0 and < 4096 && next[0] == '/' && (next.Length == 1 || next[1] is not ('/' or '\\')) && !next.Any(char.IsControl)
            ? next
            : Home(studio);

    /// <summary>Where whoever has come in goes.</summary>
    public static string Home(StudioFiles studio) => studio.AreHere ? "/" : SecurityPage.Address;

    private static async Task<Answer> SignInAsync(
        HttpContext context, SignIn signIn, Entrance entrance, SessionCookie cookie, OutsideOptions outside, StudioFiles studio)
    {
        if ((await ReadAsync(context, cookie)).Failed(out var problem, out var form))
        {
            return SignInForm(outside, Home(studio), "", problem);
        }

        var next = NextOf(form["next"].ToString(), studio);
        var given = new Credentials
        {
            Email = form["email"].ToString(),
            Password = form["password"].ToString(),
            Code = Code(form, isRecovery: false),
            RecoveryCode = Code(form, isRecovery: true),
        };
        return (await signIn.ProveAsync(given, context.Connection.RemoteIpAddress)).Failed(out problem, out var person)
            || (await entrance.AdmitAsync(context, person)).Failed(out problem)
                ? SignInForm(outside, next, given.Email, problem)
                : EntryPage.Go(next);
    }

    private static async Task<Answer> WelcomeAsync(
        HttpContext context, Welcome welcome, Entrance entrance, SessionCookie cookie, StudioFiles studio)
    {
        if ((await ReadAsync(context, cookie)).Failed(out var problem, out var form))
        {
            return NewcomerForm(null, null, problem);
        }

        var account = ShortText.Of(form["accountName"].ToString().Trim(), Person.MaxNameLength);
        return (problem = Checked(form, out var newcomer)) is null
            && !(await welcome.RunAsync(context.Newcomer(), newcomer, account.Length == 0 ? null : account)).Failed(out problem, out var come)
            && !(await entrance.AdmitAsync(context, come.Person, come.AccountId)).Failed(out problem)
                ? EntryPage.Go(Home(studio))
                : NewcomerForm(null, newcomer, problem);
    }

    private static async Task<Answer> AcceptAsync(
        HttpContext context, Invitations invitations, Entrance entrance, SessionCookie cookie, OutsideOptions outside, StudioFiles studio)
    {
        if ((await ReadAsync(context, cookie)).Failed(out var problem, out var form))
        {
            return NewcomerForm(outside, null, problem);
        }

        problem = Checked(form, out var newcomer);
        var given = new Credentials { Email = newcomer.Email, Password = newcomer.Password, Code = Code(form, isRecovery: false) };
        return problem is null
            && !(await invitations.AcceptAsync(context.Newcomer(), newcomer, given, context.Connection.RemoteIpAddress)).Failed(out problem, out var come)
            && !(await entrance.AdmitAsync(context, come.Person, come.AccountId)).Failed(out problem)
                ? EntryPage.Go(Home(studio))
                : NewcomerForm(outside, newcomer, problem);
    }

    /// <summary>A form of ours, sent from a page of ours.</summary>
    public static async Task<Outcome<IFormCollection>> ReadAsync(HttpContext context, SessionCookie cookie)
    {
        if ((cookie.FromElsewhere(context.Request, changes: true, isForm: true) ?? cookie.Refusal(context.Request)) is { } refusal)
        {
            return refusal;
        }

        if (!context.Request.HasFormContentType)
        {
            return Problems.UnsupportedMediaType.With("This page takes its own form.");
        }

        try
        {
            return Outcome.Of(await context.Request.ReadFormAsync(context.RequestAborted));
        }
        catch (InvalidDataException)
        {
            return Problems.BadRequest.With("The form is malformed or too long.");
        }
    }

    // Six digits are the app's; anything else is a recovery code.
    private static string? Code(IFormCollection form, bool isRecovery)
    {
        var code = form["code"].ToString().Trim();
        var isApps = code.Length > 0 && code.All(static c => char.IsAsciiDigit(c) || c == ' ');
        return code.Length is 0 or > 40 || isApps == isRecovery ? null : code;
    }

    private static Problem? Checked(IFormCollection form, out Newcomer newcomer)
    {
        newcomer = new Newcomer
        {
            Token = form["token"].ToString(),
            Name = form["name"].ToString().Trim(),
            Email = form["email"].ToString(),
            Password = form["password"].ToString(),
        };
        return newcomer.Token.Length is 0 or > LinkToken.MaxLength
            ? Problems.LinkNotValid.With("Open the link as it was given to you, or paste what stands behind its #.")
            : EntryFields.Refusal(newcomer);
    }

    private static Answer SignInForm(OutsideOptions outside, string next, string email, Problem? problem) => EntryPage.Of(
        "Sign in",
        $"""
        <h1>Sign in</h1>
        {EntryPage.Error(problem)}
        <p class="error" id="said" role="alert" hidden></p>
        <form><button class="go" type="button" id="use-passkey" hidden>Use a passkey</button></form>
        <div class="or" data-with-passkey hidden>or</div>
        {OutsidePages.Form(outside, OutsideTicket.Come, "Sign in with", next)}
        {(outside.IsOn ? Html.Own("<div class=\"or\">or</div>") : Html.Nothing)}
        <form method="post" action="{SignInPage}">
        <input type="hidden" id="next" name="next" value="{next}">
        {EntryPage.Field("email", "E-mail", "email", "username", email)}
        {EntryPage.Field("password", "Password", "password", "current-password")}
        {EntryPage.Field("code", "Code", "text", "one-time-code", hint: "Of your authenticator app, or a recovery code, if you have one.")}
        <button>Sign in</button>
        </form>
        <p class="soft">No account? Ask whoever runs this server for an invitation.</p>
        """,
        problem?.Kind.Status ?? StatusCodes.Status200OK);

    // An operator comes in with a password: whoever runs the server must not depend on another.
    private static Answer NewcomerForm(OutsideOptions? outside, Newcomer? given, Problem? problem) => EntryPage.Of(
        outside is null ? "Welcome" : "Join",
        $"""
        <h1>{(outside is null ? "Welcome to your server" : "You are invited")}</h1>
        <p>{(outside is null
            ? "You will be its operator, and the owner of its first account."
            : "Choose a password, or enter the one that you sign in here with already.")}</p>
        {EntryPage.Error(problem)}
        <form method="post">
        {EntryPage.Field("token", "Link", value: given?.Token ?? "", hint: "What stands behind the # of the link.")}
        {(outside is null ? EntryPage.Field("accountName", "Name of the account", hint: "Your company or team. You can leave it empty.") : Html.Nothing)}
        {EntryPage.Field("name", "Your name", autocomplete: "name", value: given?.Name ?? "")}
        {EntryPage.Field("email", "E-mail", "email", "username", given?.Email ?? "", "You sign in with it. No mail is sent to it.")}
        {EntryPage.Field("password", "Password", "password", "new-password", hint: "At least 12 characters, of any kind.")}
        {(outside is null ? Html.Nothing : EntryPage.Field("code", "Code", "text", "one-time-code", hint: "Only if sign-in asks you for one already."))}
        <button class="go">Continue</button>
        {(outside is null ? Html.Nothing : OutsidePages.Button(outside))}
        </form>
        <p class="soft">You can add a passkey afterwards, under Security.</p>
        """,
        problem?.Kind.Status ?? StatusCodes.Status200OK);
}
