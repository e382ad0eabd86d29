using Zoetrope.Server.Doors.Entry.Outside;
using Zoetrope.Server.Doors.Shared.Web;
using Zoetrope.Server.People;
using Zoetrope.Server.People.Outside;

namespace Zoetrope.Server.Doors.Entry;

/// <summary>The lists of the security page: passkeys, outside logins and browsers, each with what ends it.</summary>
internal sealed class SecurityRows(Sessions sessions, PasskeyStore passkeys, OutsideLogins logins, OutsideOptions outside)
{
    /// <summary>For whoever has a login and no password here.</summary>
    public Html Proof => OutsidePages.Form(outside, OutsideTicket.Prove, "Prove with", SecurityPage.Address);

    public async Task<IEnumerable<Html>> PasskeysAsync(string personId) => (await passkeys.ListAsync(personId)).Select(Row);

    public async Task<IEnumerable<Html>> BrowsersAsync(Caller caller) =>
        (await sessions.ListAsync(caller.PersonId!)).Select(browser => Row(browser, caller.Session!.Id));

    /// <summary>The whole section; nothing where no issuer is configured and none was.</summary>
    public async Task<Html> LoginsAsync(string personId)
    {
        var mine = await logins.ListAsync(personId);
        return mine.Count == 0 && !outside.IsOn
            ? Html.Nothing
            : $"""
            <section aria-labelledby="logins"><h2 id="logins">Outside logins</h2>
            <p class="soft">Whoever signs in there with one of these is you here. No code of your app is asked for then.</p>
            <ul class="rows">{mine.Select(Row)}</ul>
            {OutsidePages.Form(outside, OutsideTicket.Link, "Add a login of", SecurityPage.Address)}
            </section>
            """;
    }

    private static Html Row(OutsideLogin login) =>
        $"""
        <li><span>{login.Email ?? "No verified e-mail"} <span class="soft">at {login.Issuer}, since {WireTime.Text(login.CreatedAt)[..10]}</span></span>
        {Ending(SecurityActions.Login, login.Id, "Remove")}</li>
        """;

    private static Html Row(PasskeyRow key) =>
        $"""
        <li><span>{key.Name ?? "Passkey"} <span class="soft">since {WireTime.Text(key.CreatedAt)[..10]}</span></span>
        {Ending(SecurityActions.Passkey, key.Id, "Remove")}</li>
        """;

    private static Html Row(SessionRow browser, string current) =>
        $"""
        <li><span>{browser.Agent ?? "Unknown browser"}
        <span class="soft">last used {WireTime.Text(browser.UsedAt)[..16].Replace('T', ' ')} UTC</span></span>
        {(browser.Id == current ? Html.Own("<strong>This one</strong>") : Ending(SecurityActions.Browser, browser.Id, "Sign out"))}</li>
        """;

    private static Html Ending(string action, string id, string words) =>
        $"""
        <form method="post" action="{SecurityPage.Address}"><input type="hidden" name="action" value="{action}">
        <input type="hidden" name="id" value="{id}"><button>{words}</button></form>
        """;
}
