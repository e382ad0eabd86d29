using System.Net;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Doors.Shared.Web;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.Entry;

/// <summary>What a form of the security page did: said in words, with what is shown once.</summary>
internal sealed record SecurityDone(string Words, Problem? Problem = null)
{
    public Html Shown { get; init; } = Html.Nothing;

    // A record prints its members, and codes must not reach a log by accident.
    public override string ToString() => Words;

    public static implicit operator SecurityDone(Problem problem) => new("", problem);
}

/// <summary>The forms of the security page, by their hidden field <c>action</c>.</summary>
internal sealed class SecurityActions(Database database, SignIn signIn, SecondFactor second, PersonPassword password, SecurityEnds ends)
{
    public const string SignOut = "sign-out";
    public const string Prove = "prove";
    public const string Password = "password";
    public const string Offer = "offer";
    public const string Confirm = "confirm";
    public const string Codes = "codes";
    public const string Remove = "remove";
    public const string Passkey = "passkey";
    public const string Browser = "browser";
    public const string Login = "login";

    private static readonly Problem Unknown = Problems.BadRequest.With("This page has no such form. Load it again.");

    public async Task<SecurityDone> RunAsync(Actor by, Caller caller, IFormCollection form, IPAddress? address)
    {
        var person = await database.ReadAsync(async session => await PersonStore.FindAsync(session, caller.PersonId!));
        var action = form["action"].ToString();
        if (person is null || (action is not (Prove or Browser) && ends.IsOld(caller)))
        {
            return Problems.ProofNeeded.With("Prove that it is you first: enter your password below.");
        }

        person.Change = new PersonChange(by, caller.AccountId);
        var code = form["code"].ToString().Trim();
        return action switch
        {
            Prove => await ProveAsync(caller, person, form["password"].ToString(), code, address),
            Password => await password.ChangeAsync(by, caller, form["new-password"].ToString()) is { } problem
                ? problem
                : new SecurityDone("The password was changed, and your other browsers are signed out."),
            Offer => new SecurityDone("") { Shown = Secret(await second.OfferAsync(person), person) },
            Confirm => Shown(await second.ConfirmAsync(person, form["first-code"].ToString())),
            Codes => Shown(await second.RenewCodesAsync(person)),
            Remove => await RemoveAsync(person),
            Passkey => await ends.PasskeyAsync(person, form["id"].ToString()),
            Login => await ends.LoginAsync(person, form["id"].ToString()),
            Browser => await ends.BrowserAsync(person.Id, form["id"].ToString()),
            _ => Unknown,
        };
    }

    private async Task<SecurityDone> ProveAsync(Caller caller, Person person, string entered, string code, IPAddress? address)
    {
        var isApps = code.Length > 0 && code.All(static c => char.IsAsciiDigit(c) || c == ' ');
        var given = new Credentials
        {
            Email = person.Email ?? "",
            Password = entered,
            Code = isApps ? code : null,
            RecoveryCode = isApps || code.Length == 0 ? null : code,
        };
        if ((await signIn.ProveAsync(given, address)).Failed(out var problem))
        {
            return problem;
        }

        await ends.ProveAsync(caller);
        return new SecurityDone("Thank you. The proof counts for ten minutes.");
    }

    private async Task<SecurityDone> RemoveAsync(Person person)
    {
        await second.RemoveAsync(person);
        return new SecurityDone("Sign-in asks for no code any more.");
    }

    private static SecurityDone Shown(Outcome<IReadOnlyList<string>> outcome) => outcome.Failed(out var problem, out var codes)
        ? problem
        : new SecurityDone("Keep these recovery codes. They are shown once, and each works once in place of the app.")
        {
            Shown = $"""<ul class="codes">{codes.Select(Item)}</ul>""",
        };

    private static Html Item(string code) => $"<li>{code}</li>";

    private static Html Secret(byte[] secret, Person person) =>
        $"""
        <section aria-labelledby="new-app"><h2 id="new-app">Enter this in your authenticator app</h2>
        <p><code>{Totp.Text(secret)}</code></p>
        <p class="soft">Or open <a href="{Totp.Address(secret, person.Email ?? person.Name)}">this link</a> on the device with the app.</p>
        <form class="line" method="post" action="{SecurityPage.Address}"><input type="hidden" name="action" value="{Confirm}">
        {EntryPage.Field("first-code", "The code it shows", "text", "one-time-code")}<button class="go">Turn it on</button></form>
        </section>
        """;
}
