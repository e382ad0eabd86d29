using Microsoft.AspNetCore.Authentication;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Browsers;
using Zoetrope.Server.Doors.Shared.Web;
using Zoetrope.Server.People.Outside;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.Entry.Outside;

/// <summary>The way to the issuer and back, and <c>/api/v1/person/logins</c>.</summary>
internal static class OutsideEndpoints
{
    private const string Own = "/api/v1/person/logins";

    public static IEndpointRouteBuilder MapOutside(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(
            OutsidePages.Begin,
            static (HttpContext context, OutsideBegin begin, OAuthAddress address, SessionCookie cookie, StudioFiles studio) =>
                begin.RunAsync(context, address, cookie, studio))
            .AllowAnonymousCaller(EntryForms.Reason)
            .WithBodyLimit(EntryFields.MaxBody)
            .ExcludeFromDescription();
        routes.MapGet(
            OutsideScheme.Callback,
            static (HttpContext context, OutsideReturn back, IAuthenticationHandlerProvider handlers, OAuthAddress address, StudioFiles studio) =>
                back.RunAsync(context, handlers, address, studio))
            .AllowAnonymousCaller("the issuer says who it is")
            .ExcludeFromDescription();
        routes.MapGet(Own, ListAsync)
            .RequireSession()
            .WithName("listLogins")
            .WithSummary("List your logins at the operator's issuer")
            .WithTags("Person")
            .Produces<Envelope<OutsideLoginList>>();
        routes.MapDelete(Own + "/{id}", RemoveAsync)
            .RequireSession()
            .RequireFreshProof()
            .WithName("removeLogin")
            .WithSummary("Remove a login at the operator's issuer")
            .WithDescription(
                "It signs nobody in any more. What you can still sign in with stays: the last of it cannot be removed. It needs a proof of "
                + "the last ten minutes.")
            .WithTags("Person")
            .Produces<Envelope<EndedState>>();
        return routes;
    }

    private static async Task<Answer> ListAsync(HttpContext context, OutsideLogins logins) => EntryWire.Ok(new OutsideLoginList(
    [
        .. (await logins.ListAsync(context.Caller().PersonId!)).Select(static login => new OutsideLoginState(
            login.Id, login.Issuer, login.Email, WireTime.Text(login.CreatedAt), WireTime.Text(login.UsedAt))),
    ]));

    private static async Task<Answer> RemoveAsync(HttpContext context, Database database, OutsideLogins logins, string id) =>
        (await logins.RemoveAsync(await PersonEndpoints.SelfAsync(context, database), id)).Failed(out var problem)
            ? problem
            : EntryWire.Ok(new EndedState(id));
}
