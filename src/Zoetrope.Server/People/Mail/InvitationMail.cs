using Zoetrope.Server.Accounts;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People.Mail;

/// <summary>
/// Sends the link of an invitation to whom it is for. An account sends so few in a quarter of an hour that it is of no use for
/// flooding others.
/// </summary>
internal sealed class InvitationMail(Mailer mailer, SignInAttempts attempts, Database database)
{
    /// <summary>Why no mail is sent now, before anything is made.</summary>
    public async Task<Problem?> RefusalAsync(Caller caller, string email) => mailer.IsOn
        ? Mailer.CanReach(SignIn.Plain(email)) ? await attempts.CountMailAsync(caller.AccountId) : SignIn.NoAddress
        : Problems.InvalidOperation.With(
            "This server sends no mail. Leave email out, and send the link of the answer yourself. Whoever runs the server can set "
            + "Mail:Host.",
            "email");

    /// <returns>Whether the mail server took it.</returns>
    public async Task<bool> SendAsync(Caller caller, string email, string link, CancellationToken cancellationToken)
    {
        var account = await database.ReadAsync(async session => await AccountStore.FindAsync(session, caller.AccountId));
        return await mailer.SendAsync(
            SignIn.Plain(email),
            $"You are invited to {account?.Name ?? "an account"} on Zoetrope",
            $"""
            Hello,

            you are invited to the account "{account?.Name}". Open this link to join. It works once, for seven days:

            {link}

            If you did not expect this mail, ignore it: nothing happens without you.
            """,
            cancellationToken);
    }
}
