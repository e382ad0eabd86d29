using Microsoft.AspNetCore.Authentication;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Browsers;
using Zoetrope.Server.Doors.Shared.Web;
using Zoetrope.Server.People;
using Zoetrope.Server.People.Outside;

namespace Zoetrope.Server.Doors.Entry.Outside;

/// <summary>Sends a browser to the issuer, with what it shall do when it comes back.</summary>
internal sealed partial class OutsideBegin(
    IAuthenticationService authentication, OutsideOptions options, Entrance entrance, TimeProvider time, ILogger<OutsideBegin> logger)
{
    public static readonly Problem Off = Problems.InvalidOperation.With("This server has no issuer to sign in with. Use another way.");

    private static readonly Problem SignedOut = Problems.SignedOut.With("Nobody is signed in. Sign in first.");

    private static readonly Problem Old = Problems.ProofNeeded.With("Prove that it is you first, at /account/security.");

    private static readonly Problem Away =
        Problems.Unavailable.With("The issuer does not answer. Try again later, or sign in another way.");

    public async Task<Answer> RunAsync(HttpContext context, OAuthAddress address, SessionCookie cookie, StudioFiles studio)
    {
        if ((await EntryForms.ReadAsync(context, cookie)).Failed(out var problem, out var form))
        {
            return OutsidePages.Failed(problem);
        }

        if (!options.IsOn)
        {
            return OutsidePages.Failed(Off);
        }

        var (purpose, invitation, session) = (form["purpose"].ToString(), form["token"].ToString().Trim(), "");
        if (purpose is OutsideTicket.Link or OutsideTicket.Prove)
        {
            if (await entrance.CallerAsync(context) is not { } caller)
            {
                return OutsidePages.Failed(SignedOut);
            }

            if (purpose == OutsideTicket.Link && !caller.Session!.IsFresh(time.GetUtcNow()))
            {
                return OutsidePages.Failed(Old);
            }

            session = caller.Session!.Id;
        }
        else
        {
            purpose = OutsideTicket.Come;
        }

        if (invitation.Length > LinkToken.MaxLength)
        {
            return OutsidePages.Failed(Problems.LinkNotValid.With("Open the link as it was given to you."));
        }

        var next = EntryForms.NextOf(form["next"].ToString(), studio);
        return await GoAsync(context, address, OutsideTicket.Pack(purpose, next, invitation, session, time.GetUtcNow()));
    }

    private async Task<Answer> GoAsync(HttpContext context, OAuthAddress address, AuthenticationProperties properties)
    {
        address.Apply(context.Request);
        try
        {
            await authentication.ChallengeAsync(context, OutsideScheme.Name, properties);
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            // Its document could not be read, or is none.
            LogAway(exception);
            return OutsidePages.Failed(Away);
        }

        var target = context.Response.Headers.Location.ToString();
        context.Response.Headers.Remove("Location");
        return OutsidePages.Continue(context, options, target);
    }

    [LoggerMessage(LogLevel.Warning, "The issuer of Oidc:Issuer could not be asked where to sign in.")]
    private partial void LogAway(Exception exception);
}
