using System.Globalization;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Doors.Shared.Browsers;
using Zoetrope.Server.Doors.Shared.Web;
using Zoetrope.Server.People;

namespace Zoetrope.Server.Doors.Entry;

/// <summary><c>/account/security</c>: how the signed-in person proves who they are, and where they are signed in.</summary>
internal sealed class SecurityPage(
    SessionCookie cookie, Sessions sessions, Entrance entrance, SecurityRows rows, SecurityActions actions)
{
    public const string Address = "/account/security";

    private sealed record View(Caller Caller, SessionState State)
    {
        public Problem? Problem { get; init; }

        public string Done { get; init; } = "";

        public Html Shown { get; init; } = Html.Nothing;
    }

    public async Task<Answer> ShowAsync(HttpContext context) =>
        await SignedInAsync(context) is { } view ? await RenderAsync(view) : EntryPage.Go($"{EntryForms.SignInPage}?next={Address}");

    public async Task<Answer> ActAsync(HttpContext context)
    {
        if (await SignedInAsync(context) is not { } view)
        {
            return EntryPage.Go($"{EntryForms.SignInPage}?next={Address}");
        }

        if ((await EntryForms.ReadAsync(context, cookie)).Failed(out var problem, out var form))
        {
            return await RenderAsync(view with { Problem = problem });
        }

        if (form["action"] == SecurityActions.SignOut)
        {
            await sessions.EndAsync(view.Caller.PersonId!, view.Caller.Session!.Id);
            cookie.Clear(context);
            return EntryPage.Go(EntryForms.SignInPage);
        }

        var done = await actions.RunAsync(context.Actor(view.Caller), view.Caller, form, context.Connection.RemoteIpAddress);
        var after = await SignedInAsync(context) ?? view;
        return await RenderAsync(after with { Problem = done.Problem, Done = done.Words, Shown = done.Shown });
    }

    private async Task<View?> SignedInAsync(HttpContext context) =>
        await entrance.CallerAsync(context) is { } caller
        && !(await entrance.StateAsync(caller.PersonId!, caller.Session!.Id)).Failed(out _, out var state)
            ? new View(caller, state)
            : null;

    private async Task<Answer> RenderAsync(View view)
    {
        var person = view.State.Person;
        var keys = await rows.PasskeysAsync(person.Id);
        var browsers = await rows.BrowsersAsync(view.Caller);
        var logins = await rows.LoginsAsync(person.Id);
        return EntryPage.Of(
            "Security",
            $"""
            <h1>Security</h1>
            <p>{person.Name} ({person.Email ?? "no e-mail"}), {view.State.Membership.Role} of {view.State.Membership.AccountName}.</p>
            {EntryPage.Error(view.Problem)}
            <p class="error" id="said" role="alert" hidden></p>
            {(view.Done.Length > 0 ? Done(view.Done) : Html.Nothing)}
            {view.Shown}
            <section aria-labelledby="proof"><h2 id="proof">Prove that it is you</h2>
            <p class="soft">Everything below but signing browsers out needs a proof of the last ten minutes. Signing in is one.</p>
            {Form(SecurityActions.Prove, "Prove", Name(person), EntryPage.Field("password", "Password", "password", "current-password"),
                person.HasAuthenticator ? EntryPage.Field("code", "Code", "text", "one-time-code") : Html.Nothing)}
            {rows.Proof}
            </section>
            <section aria-labelledby="passkeys"><h2 id="passkeys">Passkeys</h2>
            <p class="soft">A passkey is your fingerprint, face or PIN on a device: no password to steal.</p>
            <ul class="rows">{keys}</ul>
            <form class="line" data-with-passkey hidden>{EntryPage.Field("passkey-name", "Name of the device")}
            <button type="button" id="add-passkey" hidden>Add a passkey</button></form>
            </section>
            {logins}
            <section aria-labelledby="app"><h2 id="app">Authenticator app</h2>
            {(person.HasAuthenticator ? WithApp(person) : WithoutApp())}
            </section>
            <section aria-labelledby="secret"><h2 id="secret">Password</h2>
            {Form(SecurityActions.Password, "Change the password", Name(person),
                EntryPage.Field("new-password", "New password", "password", "new-password", hint: "At least 12 characters."))}
            <p class="soft">Your other browsers are signed out then.</p>
            </section>
            <section aria-labelledby="browsers"><h2 id="browsers">Signed-in browsers</h2>
            <ul class="rows">{browsers}</ul>
            </section>
            """,
            view.Problem?.Kind.Status ?? StatusCodes.Status200OK,
            isWide: true,
            aside: Form(SecurityActions.SignOut, "Sign out"));
    }

    private static Html Done(string words) => $"""<p class="done" role="status">{words}</p>""";

    // For the browser's own keeper of passwords, which wants to know whose it is.
    private static Html Name(PersonState person) =>
        $"""<input type="text" autocomplete="username" value="{person.Email ?? ""}" readonly hidden>""";

    private static Html Form(string action, string words, params Html[] fields) =>
        $"""
        <form class="line" method="post" action="{Address}"><input type="hidden" name="action" value="{action}">
        {fields}<button>{words}</button></form>

        """;

    private static Html WithApp(PersonState person) =>
        $"""
        <p>Sign-in asks for a code of your app. {person.RecoveryCodesLeft.ToString(CultureInfo.InvariantCulture)} recovery codes are left.</p>
        {Form(SecurityActions.Codes, "Get new recovery codes")}
        {Form(SecurityActions.Remove, "Sign in without codes")}
        """;

    private static Html WithoutApp() =>
        $"""
        <p class="soft">With one, your password alone signs nobody in.</p>
        {Form(SecurityActions.Offer, "Set up an app")}
        """;
}
