using Microsoft.AspNetCore.Authentication;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Doors.Shared.Web;
using Zoetrope.Server.People.Outside;

namespace Zoetrope.Server.Doors.Entry.Outside;

/// <summary>A browser that came back from the issuer: somebody comes in, adds a login, or proves who they are.</summary>
internal sealed class OutsideReturn(
    OutsideOptions options, OutsideSignIn signIn, OutsideLogins logins, OutsideSessions sessions, TimeProvider time)
{
    // Between two machines' clocks.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    // The same for whatever was wrong: who forges an answer learns nothing.
    private static readonly Problem Failed = Problems.SignInFailed.With(
        "The sign-in did not come back as it began, or took more than fifteen minutes. Start it again.");

    private static readonly Problem Another = Problems.SignInFailed.With(
        "You signed in as somebody else there, or were signed out here. Start again.");

    private static readonly Problem NoProof = Problems.SignInFailed.With(
        "The issuer did not ask you again who you are. Prove it another way.");

    public async Task<Answer> RunAsync(HttpContext context, IAuthenticationHandlerProvider handlers, OAuthAddress address, StudioFiles studio)
    {
        address.Apply(context.Request);
        if (await handlers.GetHandlerAsync(context, OutsideScheme.Name) is not IAuthenticationRequestHandler handler)
        {
            return OutsidePages.Failed(OutsideBegin.Off);
        }

        await handler.HandleRequestAsync();
        context.Response.Headers.Remove("Location");
        if (context.Features.Get<OutsideArrival>()?.Ticket is not { } ticket
            || ticket.Properties.ExpiresUtc is not { } end || end <= time.GetUtcNow()
            || OutsideTicket.Identity(ticket.Principal, options) is not { } who
            || !await logins.ArriveAsync(OutsideTicket.AttemptOf(ticket.Properties), end))
        {
            return OutsidePages.Failed(Failed);
        }

        var problem = OutsideTicket.PurposeOf(ticket.Properties) switch
        {
            OutsideTicket.Link => await LinkAsync(context, who, ticket.Properties),
            OutsideTicket.Prove => await ProveAsync(context, who, ticket.Properties),
            _ => await ComeAsync(context, who, OutsideTicket.InvitationOf(ticket.Properties)),
        };
        return problem is null
            ? EntryPage.Go(EntryForms.NextOf(OutsideTicket.NextOf(ticket.Properties), studio))
            : OutsidePages.Failed(problem);
    }

    private async Task<Problem?> ComeAsync(HttpContext context, OutsideIdentity who, string invitation) =>
        (await signIn.ComeAsync(context.Newcomer(), who, invitation)).Failed(out var problem, out var come)
        || (await sessions.Entrance.AdmitAsync(context, come.Person, come.AccountId, who.ProvedAt)).Failed(out problem)
            ? problem
            : null;

    private async Task<Problem?> LinkAsync(HttpContext context, OutsideIdentity who, AuthenticationProperties properties)
    {
        if (await sessions.SameAsync(context, OutsideTicket.SessionOf(properties)) is not { } caller
            || await sessions.PersonAsync(context, caller) is not { } person)
        {
            return Another;
        }

        return (await signIn.LinkAsync(person, who, time.GetUtcNow())).Failed(out var problem) ? problem : null;
    }

    private async Task<Problem?> ProveAsync(HttpContext context, OutsideIdentity who, AuthenticationProperties properties)
    {
        if (await sessions.SameAsync(context, OutsideTicket.SessionOf(properties)) is not { } caller
            || !await signIn.IsAsync(caller.PersonId!, who))
        {
            return Another;
        }

        // It was asked to ask again. Some never say when they did; one that says it was long ago did not.
        if (who.ProvedAt is { } proved && proved < properties.ExpiresUtc - OutsideScheme.Patience - Skew)
        {
            return NoProof;
        }

        await sessions.ProveAsync(caller);
        return null;
    }
}
