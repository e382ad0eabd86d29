using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.Entry;

/// <summary><c>/api/v1/person</c>: how the signed-in person proves who they are.</summary>
internal static class PersonEndpoints
{
    private const string Root = "/api/v1/person";

    public static IEndpointRouteBuilder MapPersonEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapPut(Root + "/password", ChangePasswordAsync)
            .RequireSession()
            .RequireFreshProof()
            .WithBodyLimit(EntryFields.MaxBody)
            .WithName("changePassword")
            .WithSummary("Change your password")
            .WithDescription("Your other browsers are signed out. It needs a proof of the last ten minutes.")
            .WithTags("Person")
            .Accepts<PasswordRequest>("application/json")
            .Produces<Envelope<SessionState>>();
        routes.MapPost(Root + "/authenticator", OfferAsync)
            .RequireSession()
            .RequireFreshProof()
            .WithoutBody()
            .WithName("beginAuthenticator")
            .WithSummary("Get a secret for your authenticator app")
            .WithDescription("It counts once you have sent a code of the app to `/confirm`. It needs a proof of the last ten minutes.")
            .WithTags("Person")
            .Produces<Envelope<AuthenticatorSecret>>();
        routes.MapPost(Root + "/authenticator/confirm", ConfirmAsync)
            .RequireSession()
            .RequireFreshProof()
            .WithBodyLimit(EntryFields.MaxBody)
            .WithName("confirmAuthenticator")
            .WithSummary("Have sign-in ask for a code from now on")
            .WithDescription("Returns ten recovery codes, once. It needs a proof of the last ten minutes.")
            .WithTags("Person")
            .Accepts<CodeRequest>("application/json")
            .Produces<Envelope<RecoveryCodeList>>();
        routes.MapDelete(Root + "/authenticator", RemoveAsync)
            .RequireSession()
            .RequireFreshProof()
            .WithName("removeAuthenticator")
            .WithSummary("Sign in without a code again")
            .WithDescription("The recovery codes go with it. It needs a proof of the last ten minutes.")
            .WithTags("Person")
            .Produces<Envelope<EndedState>>();
        routes.MapPost(Root + "/recovery-codes", RenewAsync)
            .RequireSession()
            .RequireFreshProof()
            .WithoutBody()
            .WithName("renewRecoveryCodes")
            .WithSummary("Get new recovery codes")
            .WithDescription("Those of before no longer work. It needs a proof of the last ten minutes.")
            .WithTags("Person")
            .Produces<Envelope<RecoveryCodeList>>();
        return routes;
    }

    private static Task<Answer> ChangePasswordAsync(
        HttpContext context,
        PersonPassword passwords,
        Entrance entrance) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var password = fields.SecretText("password", required: true) ?? "";
        if (fields.Problem() is { } problem)
        {
            return problem;
        }

        var caller = context.Caller();
        return await passwords.ChangeAsync(context.Actor(), caller, password) is { } refusal
            ? refusal
            : EntryWire.Of(await entrance.StateAsync(caller.PersonId!, caller.Session!.Id));
    });

    private static async Task<Answer> OfferAsync(HttpContext context, Database database, SecondFactor second)
    {
        var person = await SelfAsync(context, database);
        var secret = await second.OfferAsync(person);
        return EntryWire.Secret<AuthenticatorSecret>(
            context, new AuthenticatorSecret(Totp.Text(secret), Totp.Address(secret, person.Email ?? person.Name)));
    }

    private static Task<Answer> ConfirmAsync(
        HttpContext context, Database database, SecondFactor second) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var code = fields.SecretText("code", required: true);
        return fields.Problem() is { } problem
            ? problem
            : Codes(context, await second.ConfirmAsync(await SelfAsync(context, database), code!));
    });

    private static async Task<Answer> RemoveAsync(HttpContext context, Database database, SecondFactor second)
    {
        var person = await SelfAsync(context, database);
        await second.RemoveAsync(person);
        return EntryWire.Ok(new EndedState(person.Id));
    }

    private static async Task<Answer> RenewAsync(HttpContext context, Database database, SecondFactor second) =>
        Codes(context, await second.RenewCodesAsync(await SelfAsync(context, database)));

    private static Answer Codes(HttpContext context, Outcome<IReadOnlyList<string>> outcome) =>
        outcome.Failed(out var problem, out var codes)
            ? problem
            : EntryWire.Secret<RecoveryCodeList>(context, new RecoveryCodeList(codes));

    // A session without its person is refused before it comes here.
    public static async Task<Person> SelfAsync(HttpContext context, Database database)
    {
        var caller = context.Caller();
        var person = (await database.ReadAsync(async session => await PersonStore.FindAsync(session, caller.PersonId!)))!;
        person.Change = new PersonChange(context.Actor(), caller.AccountId);
        return person;
    }
}
