using Zoetrope.Server.Accounts;
using Zoetrope.Server.Doors.Shared.Browsers;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.OAuth.Consent;

/// <summary>Who decides on the consent page: the person who is signed in, in the mode of their choice, or the holder of an API key.</summary>
internal sealed class Consenters(Authenticator authenticator, Sessions sessions, SessionCookie cookie, Database database, Grants grants)
{
    private static readonly Problem SignedOut = Problems.SignedOut.With("You are not signed in any more. Sign in again, or enter an API key.");

    /// <summary>The name of the person who is signed in, and of the account; null if nobody is.</summary>
    public async Task<string?> SignedInAsync(HttpContext context) =>
        await SessionAsync(context, KeyMode.Test) is { } found && !found.Failed(out _, out var caller) ? await NameAsync(caller) : null;

    /// <param name="context">The request.</param>
    /// <param name="proof">An API key, or the mode in which the session's person decides.</param>
    /// <param name="wanted">What the program asks for.</param>
    public async Task<Outcome<Consenter>> FindAsync(HttpContext context, string proof, Scopes wanted)
    {
        var isPerson = ConsentForm.ModeOf(proof) is not null;
        var finding = isPerson
            ? await SessionAsync(context, ConsentForm.ModeOf(proof)!.Value) ?? SignedOut
            : await authenticator.AuthenticateAsync($"Bearer {proof}", context.Connection.RemoteIpAddress, Scopes.None);
        if (finding.Failed(out var problem, out var caller))
        {
            return isPerson || problem.Kind == Problems.RateLimited || problem.Kind == Problems.Forbidden
                || problem.Kind == Problems.AddressNotAllowed
                ? problem
                : Problems.InvalidParameter.With("This is not a working API key. A key begins with sk-test- or sk-live-.");
        }

        return (wanted & caller.Scopes) == Scopes.None
            ? Problems.Forbidden.With(isPerson
                ? "Your role in this account does not include what the program requests."
                : "This API key lacks the scopes that the program requests. Use another key.")
            : new Consenter(
                caller,
                proof,
                isPerson ? await NameAsync(caller) : ApiKeys.Shown(proof) + "…",
                await grants.BalanceAsync(caller));
    }

    private async ValueTask<Outcome<Caller>?> SessionAsync(HttpContext context, KeyMode mode) =>
        cookie.Read(context.Request) is { } secret ? await sessions.AuthenticateAsync(secret, mode, Scopes.None) : null;

    private async Task<string> NameAsync(Caller caller)
    {
        var membership = await database.ReadAsync(async session =>
            await Memberships.FindAsync(session, caller.AccountId, caller.PersonId!));
        return $"{membership?.PersonName}, {membership?.AccountName}";
    }
}
