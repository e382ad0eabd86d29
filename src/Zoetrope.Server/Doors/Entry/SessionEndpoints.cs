using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Browsers;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.Entry;

/// <summary><c>/api/v1/session</c>: signing in and out, and the browsers that are signed in.</summary>
internal static class SessionEndpoints
{
    public const string OwnPage = "whoever signs in has no credential yet";

    private const string Root = "/api/v1/session";
    private const string List = "/api/v1/sessions";

    public static IEndpointRouteBuilder MapSessionEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Root, BeginAsync)
            .AllowAnonymousCaller(OwnPage)
            .WithBodyLimit(EntryFields.MaxBody)
            .WithName("signIn")
            .WithSummary("Sign in with a password")
            .WithDescription(
                "Sets the session's cookie, which lasts 30 days after its last use, or 12 hours for whoever runs the server. Send it from "
                + "the server's own pages with `X-Zoetrope-Studio: 1`; `X-Zoetrope-Mode` chooses `test`, the default, or `live`. A name "
                + "that nobody has and a wrong password get the same answer. Ten attempts with a name count for a quarter of an hour.")
            .WithTags("Session")
            .Accepts<SignInRequest>("application/json")
            .Produces<Envelope<SessionState>>();
        routes.MapGet(Root, ReadAsync)
            .RequireSession()
            .WithName("getSession")
            .WithSummary("Read who is signed in")
            .WithTags("Session")
            .Produces<Envelope<SessionState>>();
        routes.MapPatch(Root, SwitchAsync)
            .RequireSession()
            .WithBodyLimit(EntryFields.MaxBody)
            .WithName("switchSession")
            .WithSummary("Act in another of your accounts")
            .WithTags("Session")
            .Accepts<SessionRequest>("application/json")
            .Produces<Envelope<SessionState>>();
        routes.MapDelete(Root, EndThisAsync)
            .RequireSession()
            .WithName("signOut")
            .WithSummary("Sign out")
            .WithTags("Session")
            .Produces<Envelope<EndedState>>();
        routes.MapPost(Root + "/proof", ProveAsync)
            .RequireSession()
            .WithBodyLimit(EntryFields.MaxBody)
            .WithName("proveSession")
            .WithSummary("Prove again that it is you")
            .WithDescription(
                "What hands out access or money asks for a proof of the last ten minutes, and answers `PROOF_NEEDED` without one. Signing "
                + "in is one too.")
            .WithTags("Session")
            .Accepts<SignInRequest>("application/json")
            .Produces<Envelope<SessionState>>();
        routes.MapGet(List, ListAsync)
            .RequireSession()
            .WithName("listSessions")
            .WithSummary("List your signed-in browsers")
            .WithTags("Session")
            .Produces<Envelope<SessionList>>();
        routes.MapDelete(List + "/{id}", EndAsync)
            .RequireSession()
            .WithName("endSession")
            .WithSummary("Sign a browser out")
            .WithTags("Session")
            .Produces<Envelope<EndedState>>();
        return routes;
    }

    private static async Task<Answer> BeginAsync(HttpContext context, SignIn signIn, Entrance entrance, SessionCookie cookie)
    {
        if (cookie.FromElsewhere(context.Request, changes: true, isForm: false) is { } forged)
        {
            return forged;
        }

        return await RequestFields.ReadStrictAsync(context, async fields =>
        {
            var given = EntryFields.Credentials(fields);
            if (fields.Problem() is { } problem
                || (await signIn.ProveAsync(given, context.Connection.RemoteIpAddress)).Failed(out problem, out var person)
                || (await entrance.AdmitAsync(context, person)).Failed(out problem, out var session))
            {
                return problem;
            }

            return EntryWire.Secret(context, await entrance.StateAsync(person.Id, session));
        });
    }

    private static async Task<Answer> ReadAsync(HttpContext context, Entrance entrance)
    {
        var caller = context.Caller();
        return EntryWire.Of(await entrance.StateAsync(caller.PersonId!, caller.Session!.Id));
    }

    private static Task<Answer> SwitchAsync(
        HttpContext context, Entrance entrance, Sessions sessions) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var account = fields.Text("accountId", EntryFields.MaxId, required: true);
        if (fields.Problem() is { } problem)
        {
            return problem;
        }

        var caller = context.Caller();
        return await sessions.SwitchAsync(caller.PersonId!, caller.Session!.Id, account!)
            ? EntryWire.Of(await entrance.StateAsync(caller.PersonId!, caller.Session!.Id))
            : Problems.AccountNotFound.With("You do not belong to an account with this id. GET /api/v1/session lists yours.", "accountId");
    });

    private static async Task<Answer> EndThisAsync(HttpContext context, Sessions sessions, SessionCookie cookie)
    {
        var caller = context.Caller();
        await sessions.EndAsync(caller.PersonId!, caller.Session!.Id);
        cookie.Clear(context);
        return EntryWire.Ok(new EndedState(caller.Session!.Id));
    }

    private static Task<Answer> ProveAsync(
        HttpContext context,
        Database database,
        SignIn signIn,
        Sessions sessions,
        Entrance entrance) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var caller = context.Caller();
        fields.Known("email");
        var self = await database.ReadAsync(async session => await PersonStore.FindAsync(session, caller.PersonId!));
        var given = EntryFields.Credentials(fields, self?.Email ?? "");
        if (fields.Problem() is { } problem
            || (await signIn.ProveAsync(given, context.Connection.RemoteIpAddress)).Failed(out problem, out _))
        {
            return problem;
        }

        await sessions.ProveAsync(caller.Session!.Id);
        return EntryWire.Of(await entrance.StateAsync(caller.PersonId!, caller.Session!.Id));
    });

    private static async Task<Answer> ListAsync(HttpContext context, Sessions sessions)
    {
        var caller = context.Caller();
        return EntryWire.Ok(new SessionList(
        [
            .. (await sessions.ListAsync(caller.PersonId!)).Select(session => new SessionEntry(
                session.Id,
                session.Id == caller.Session!.Id,
                session.AccountId,
                session.Agent,
                WireTime.Text(session.CreatedAt),
                WireTime.Text(session.UsedAt),
                WireTime.Text(session.ExpiresAt))),
        ]));
    }

    private static async Task<Answer> EndAsync(HttpContext context, Sessions sessions, string id) =>
        await sessions.EndAsync(context.Caller().PersonId!, id)
            ? EntryWire.Ok(new EndedState(id))
            : Problems.PersonNotFound.With("You have no session with this id. GET /api/v1/sessions lists them.");
}
