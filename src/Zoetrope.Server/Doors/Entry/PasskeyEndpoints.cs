using System.Text.Json;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Browsers;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.Entry;

/// <summary>Passkeys: each ceremony asks for what the browser needs, and then brings what the authenticator made of it.</summary>
internal static class PasskeyEndpoints
{
    private const int MaxBody = 64 * 1024;
    private const string Signing = "/api/v1/session/passkey";
    private const string Own = "/api/v1/person/passkeys";

    public static IEndpointRouteBuilder MapPasskeyEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Signing + "/options", BeginUsingAsync)
            .AllowAnonymousCaller(SessionEndpoints.OwnPage)
            .WithoutBody()
            .WithName("beginPasskeySignIn")
            .WithSummary("Get what a browser needs to sign in with a passkey")
            .WithDescription("For `navigator.credentials.get`. It says nothing about anybody, and counts for five minutes.")
            .WithTags("Session")
            .Produces<Envelope<PasskeyOptions>>();
        routes.MapPost(Signing, FinishUsingAsync)
            .AllowAnonymousCaller(SessionEndpoints.OwnPage)
            .WithBodyLimit(MaxBody)
            .WithName("signInWithPasskey")
            .WithSummary("Sign in with a passkey")
            .WithDescription("Sets the session's cookie. It is a proof too, and no code is asked for.")
            .WithTags("Session")
            .Accepts<PasskeyRequest>("application/json")
            .Produces<Envelope<SessionState>>();
        routes.MapGet(Own, ListAsync)
            .RequireSession()
            .WithName("listPasskeys")
            .WithSummary("List your passkeys")
            .WithTags("Person")
            .Produces<Envelope<PasskeyList>>();
        routes.MapPost(Own + "/options", BeginMakingAsync)
            .RequireSession()
            .RequireFreshProof()
            .WithoutBody()
            .WithName("beginPasskey")
            .WithSummary("Get what a browser needs to make a passkey")
            .WithDescription("For `navigator.credentials.create`. It needs a proof of the last ten minutes, and counts for five.")
            .WithTags("Person")
            .Produces<Envelope<PasskeyOptions>>();
        routes.MapPost(Own, FinishMakingAsync)
            .RequireSession()
            .RequireFreshProof()
            .WithBodyLimit(MaxBody)
            .WithName("addPasskey")
            .WithSummary("Keep a passkey that the browser made")
            .WithDescription("It signs you in from now on. It needs a proof of the last ten minutes.")
            .WithTags("Person")
            .Accepts<PasskeyRequest>("application/json")
            .Produces<Envelope<PasskeyList>>();
        routes.MapDelete(Own + "/{id}", RemoveAsync)
            .RequireSession()
            .RequireFreshProof()
            .WithName("removePasskey")
            .WithSummary("Remove a passkey")
            .WithDescription("It signs nobody in any more. It needs a proof of the last ten minutes.")
            .WithTags("Person")
            .Produces<Envelope<EndedState>>();
        return routes;
    }

    private static async Task<Answer> BeginUsingAsync(HttpContext context, Ceremony ceremony, SessionCookie cookie) =>
        cookie.FromElsewhere(context.Request, changes: true, isForm: false) is { } forged
            ? forged
            : Options(context, await ceremony.BeginUsingAsync(context));

    private static async Task<Answer> FinishUsingAsync(HttpContext context, Ceremony ceremony, Entrance entrance, SessionCookie cookie)
    {
        if (cookie.FromElsewhere(context.Request, changes: true, isForm: false) is { } forged)
        {
            return forged;
        }

        return await RequestFields.ReadStrictAsync(context, async fields =>
        {
            var credential = fields.Structure("credential");
            fields.Known("name");
            if (fields.Problem() is { } problem
                || (await ceremony.FinishUsingAsync(context, credential!)).Failed(out problem, out var person)
                || (await entrance.AdmitAsync(context, person)).Failed(out problem, out var session))
            {
                return problem;
            }

            return EntryWire.Secret(context, await entrance.StateAsync(person.Id, session));
        });
    }

    private static async Task<Answer> ListAsync(HttpContext context, PasskeyStore store) =>
        EntryWire.Ok(await KeysOfAsync(store, context.Caller().PersonId!));

    private static async Task<Answer> BeginMakingAsync(HttpContext context, Database database, Ceremony ceremony) =>
        (await ceremony.BeginMakingAsync(context, await PersonEndpoints.SelfAsync(context, database)))
            .Failed(out var problem, out var options)
            ? problem
            : Options(context, options);

    private static Task<Answer> FinishMakingAsync(
        HttpContext context,
        Database database,
        Ceremony ceremony,
        PasskeyStore store) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var credential = fields.Structure("credential");
        var name = fields.Text("name", Person.MaxNameLength);
        var person = await PersonEndpoints.SelfAsync(context, database);
        return (fields.Problem() ?? await ceremony.FinishMakingAsync(context, person, credential!, name)) is { } problem
            ? problem
            : EntryWire.Ok(await KeysOfAsync(store, person.Id));
    });

    private static async Task<Answer> RemoveAsync(HttpContext context, Database database, PasskeyStore store, string id) =>
        (await store.RemoveAsync(await PersonEndpoints.SelfAsync(context, database), id)).Failed(out var problem)
            ? problem
            : EntryWire.Ok(new EndedState(id));

    private static async Task<PasskeyList> KeysOfAsync(PasskeyStore store, string personId) => new(
    [
        .. (await store.ListAsync(personId)).Select(static row => new PasskeyState(
            row.Id, row.Name, row.IsBackedUp == 1, WireTime.Text(row.CreatedAt), WireTime.Text(row.UsedAt))),
    ]);

    private static Answer Options(HttpContext context, string json)
    {
        using var document = JsonDocument.Parse(json);
        return EntryWire.Secret<PasskeyOptions>(context, new PasskeyOptions(document.RootElement.Clone()));
    }
}
