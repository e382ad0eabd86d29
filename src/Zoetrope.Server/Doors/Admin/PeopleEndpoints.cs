using Zoetrope.Contracts.Admin;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Operator;
using Zoetrope.Server.People;

namespace Zoetrope.Server.Doors.Admin;

/// <summary><c>/admin/v1/people</c>: who signs in, and who of them runs the server.</summary>
internal static class PeopleEndpoints
{
    private const int MaxText = 255;

    public static void MapPeople(this RouteGroupBuilder admin)
    {
        admin.MapGet("/people", ListAsync)
            .WithSummary("List the people, oldest first")
            .WithDescription("Who can sign in, whatever account they belong to.")
            .WithQuery("q", "string", "A part of the name or of the e-mail address, or the id.")
            .WithQuery("operators", "boolean", "`true` lists only those who run the server.")
            .WithQuery("limit", "integer", "1–100, 20 by default.")
            .WithQuery("cursor", "string", "`nextCursor` of the previous page.")
            .Produces<Envelope<AdminPersonPage>>();
        admin.MapGet("/people/{personId}", ReadAsync)
            .WithSummary("Read a person")
            .WithDescription("With their accounts and roles, and the browsers that they are signed in with.")
            .Produces<Envelope<AdminPersonRecord>>();
        admin.MapPatch("/people/{personId}", ChangeAsync)
            .RequireFreshProof()
            .WithSummary("Make a person an operator, or no longer one")
            .WithDescription(
                "Their browsers are signed out, because an operator's session is a shorter one. The last operator stays one. "
                + "A session needs a proof of the last ten minutes.")
            .WithExample("""{"isOperator":true}""")
            .Produces<Envelope<AdminPerson>>();
        admin.MapDelete("/people/{personId}/sessions", EndSessionsAsync)
            .WithSummary("Sign a person out of every browser")
            .WithDescription("Their keys and the programs that they let in go on. Every node knows within a second.")
            .Produces<Envelope<AdminSignedOut>>();
    }

    private static async Task<Answer> ListAsync(HttpContext context, PeopleOperations people)
    {
        var query = context.Request.Query;
        if (Paging.Read(query["limit"], query["cursor"], Ids.Person).Failed(out var problem, out var page)
            || SearchWire.Text(query["q"]).Failed(out problem, out var text))
        {
            return problem;
        }

        var operators = query["operators"].ToString();
        if (operators is not ("" or "true" or "false"))
        {
            return Problems.InvalidParameter.With("operators must be true or false.", "operators", operators, "true, false");
        }

        var found = await people.ListAsync(text, operators == "true", page.Limit + 1, page.After);
        return AdminEndpoints.Ok(
            new AdminPersonPage([.. found.Take(page.Limit).Select(Wire)], page.NextCursor(found, person => person.Id)));
    }

    private static async Task<Answer> ReadAsync(PeopleOperations people, string personId) =>
        AdminEndpoints.Wire(await people.FindAsync(personId), record => new AdminPersonRecord(
            Wire(record.Person),
            [.. record.Memberships.Select(Wire)],
            [.. record.Sessions.Select(session => new AdminSession(
                session.Id,
                session.AccountId,
                session.Agent,
                WireTime.Text(session.CreatedAt),
                WireTime.Text(session.UsedAt),
                WireTime.Text(session.ExpiresAt)))]));

    private static Task<Answer> ChangeAsync(
        HttpContext context, PeopleOperations people, string personId) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var isOperator = fields.Flag("isOperator", required: true);
        return fields.Problem() is { } problem
            ? problem
            : AdminEndpoints.Wire(await people.ChangeAsync(context.Actor(), personId, isOperator!.Value), Wire);
    });

    private static async Task<Answer> EndSessionsAsync(HttpContext context, PeopleOperations people, string personId) => AdminEndpoints.Wire(
        await people.EndSessionsAsync(context.Actor(), personId), ended => new AdminSignedOut(personId, ended));

    private static AdminPerson Wire(PersonRow person) => new(
        person.Id,
        person.Name,
        person.Email,
        person.IsOperator == 1,
        person.HasAuthenticator == 1,
        person.Passkeys,
        person.Sessions,
        WireTime.Text(person.CreatedAt));

    public static AdminMember Wire(Membership membership) => new(
        membership.AccountId,
        membership.AccountName,
        membership.PersonId,
        membership.PersonName,
        membership.Email,
        membership.Role,
        membership.SpendPerDay,
        WireTime.Text(membership.CreatedAt));
}
