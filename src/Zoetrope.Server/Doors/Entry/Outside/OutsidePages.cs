using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Web;
using Zoetrope.Server.People.Outside;

namespace Zoetrope.Server.Doors.Entry.Outside;

/// <summary>The way to the issuer as people see it: buttons, the page in between, and what went wrong.</summary>
internal static class OutsidePages
{
    public const string Begin = "/sign-in/outside";

    /// <summary>A form of its own; nothing where no issuer is configured.</summary>
    public static Html Form(OutsideOptions options, string purpose, string words, string next) => !options.IsOn
        ? Html.Nothing
        : (Html)$"""
        <form method="post" action="{Begin}"><input type="hidden" name="purpose" value="{purpose}">
        <input type="hidden" name="next" value="{next}"><button>{words} {options.Title}</button></form>

        """;

    /// <summary>A second button of a form that has the invitation's token.</summary>
    public static Html Button(OutsideOptions options) => !options.IsOn
        ? Html.Nothing
        : (Html)$"""<button formaction="{Begin}" formnovalidate>Continue with {options.Title}</button>""";

    /// <summary>A page and no redirect: browsers let a form of ours lead nowhere but here.</summary>
    public static Answer Continue(HttpContext context, OutsideOptions options, string address)
    {
        context.Response.Headers["Refresh"] = $"0;url={address}";
        return EntryPage.Of(
            "Sign in",
            $"""
            <h1>Sign in with {options.Title}</h1>
            <p>Your browser goes there now. If it does not, <a href="{address}" rel="noreferrer">continue to {options.Title}</a>.</p>
            """);
    }

    public static Answer Failed(Problem problem) => EntryPage.Of(
        "Sign in",
        $"""
        <h1>You are not signed in</h1>
        {EntryPage.Error(problem)}
        <p><a href="{EntryForms.SignInPage}">Back to sign-in</a></p>
        """,
        problem.Kind.Status);
}
