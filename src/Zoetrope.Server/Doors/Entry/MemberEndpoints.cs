using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Doors.Shared.Bodies;
using Zoetrope.Server.Doors.Shared.Browsers;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.People;
using Zoetrope.Server.People.Mail;

namespace Zoetrope.Server.Doors.Entry;

/// <summary><c>/api/v1/account</c>: who belongs to the account, and who is invited.</summary>
internal static class MemberEndpoints
{
    private const string Members = "/api/v1/account/members";
    private const string Invited = "/api/v1/account/invitations";

    public static IEndpointRouteBuilder MapMemberEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Members, ListAsync)
            .RequireKey(Scopes.Members)
            .WithName("listMembers")
            .WithSummary("List who belongs to the account")
            .WithTags("Members")
            .Produces<Envelope<MemberList>>();
        routes.MapPatch(Members + "/{id}", ChangeAsync)
            .RequireKey(Scopes.Members)
            .RequireFreshProof()
            .WithBodyLimit(EntryFields.MaxBody)
            .WithName("changeMember")
            .WithSummary("Change a member's role, caps or models")
            .WithDescription(
                "Only the given fields change. Keys and programs of the member lose what the new role or models do not include, within a "
                + "second, and do not get it back. The caps are those of the member's browsers and programs together. "
                + "Only an owner makes or changes owners, and the last owner stays one. A session needs a proof of the last ten minutes.")
            .WithTags("Members")
            .Accepts<MemberRequest>("application/json")
            .Produces<Envelope<MemberState>>();
        routes.MapDelete(Members + "/{id}", RemoveAsync)
            .RequireKey(Scopes.Members)
            .RequireFreshProof()
            .WithName("removeMember")
            .WithSummary("Remove a member from the account")
            .WithDescription(
                "Their sessions, keys and programs stop working within a second, on every node. What they made stays with the account. "
                + "The last owner cannot be removed. A session needs a proof of the last ten minutes.")
            .WithTags("Members")
            .Produces<Envelope<MemberState>>();
        routes.MapGet(Invited, ListInvitationsAsync)
            .RequireKey(Scopes.Members)
            .WithName("listInvitations")
            .WithSummary("List the open invitations")
            .WithTags("Members")
            .Produces<Envelope<InvitationList>>();
        routes.MapPost(Invited, InviteAsync)
            .RequireKey(Scopes.Members)
            .RequireFreshProof()
            .WithBodyLimit(EntryFields.MaxBody)
            .WithName("invite")
            .WithSummary("Invite somebody to the account")
            .WithDescription(
                "Returns a link, once, which works once and for seven days. With an `email` the server sends it there, where its operator "
                + "has set up a mail server (`Mail:Host`), and `mailed` says whether that took it; otherwise send it yourself. "
                + "Only an owner invites owners. A session needs a proof of the last ten minutes.")
            .WithTags("Members")
            .Accepts<InvitationRequest>("application/json")
            .Produces<Envelope<InvitationState>>();
        routes.MapDelete(Invited + "/{id}", WithdrawAsync)
            .RequireKey(Scopes.Members)
            .WithName("withdrawInvitation")
            .WithSummary("Withdraw an invitation")
            .WithTags("Members")
            .Produces<Envelope<EndedState>>();
        routes.MapPost("/api/v1/invitations/accept", AcceptAsync)
            .AllowAnonymousCaller("the invitation is the right")
            .WithBodyLimit(EntryFields.MaxBody)
            .WithName("acceptInvitation")
            .WithSummary("Accept an invitation and sign in")
            .WithDescription(
                "Makes you a person of this server, or takes in who signs in here already, with their password. Sets the session's cookie.")
            .WithTags("Members")
            .Accepts<NewcomerRequest>("application/json")
            .Produces<Envelope<SessionState>>();
        routes.MapPost("/api/v1/welcome", WelcomeAsync)
            .AllowAnonymousCaller("the operator's link is the right")
            .WithBodyLimit(EntryFields.MaxBody)
            .WithName("welcome")
            .WithSummary("Become the server's operator with its link")
            .WithDescription(
                "The first start prints the link, and `./run operator link` another one. It makes you the operator and an owner of the "
                + "first account, whose name you may give. Sets the session's cookie.")
            .WithTags("Members")
            .Accepts<NewcomerRequest>("application/json")
            .Produces<Envelope<SessionState>>();
        return routes;
    }

    private static async Task<Answer> ListAsync(HttpContext context, Members members) => EntryWire.Ok(
        new MemberList([.. (await members.ListAsync(context.Caller().AccountId)).Select(EntryWire.Member)]));

    private static Task<Answer> ChangeAsync(
        HttpContext context, Members members, CatalogHolder catalog, string id) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var role = fields.OneOf("role", Roles.All);
        var (perDay, perMonth) = (Cap("spendPerDay"), Cap("spendPerMonth"));
        var isKnown = !KeyFields.ModelsOf(fields, catalog.Current).Failed(out var unknown, out var models);
        var change = new MemberChange
        {
            Role = role,
            SpendPerDay = perDay,
            SpendPerMonth = perMonth,
            Models = isKnown && fields.Has("models") ? new MemberModels(models) : null,
        };
        return (fields.Problem() ?? unknown) is { } problem
            ? problem
            : Member(await members.ChangeAsync(context.Actor(), context.Caller(), id, change));

        GrantLimit? Cap(string field) =>
            fields.Integer(field, 1, CreditLedger.MaxAmount) is var cap && fields.Has(field) ? new GrantLimit(cap) : null;
    });

    private static async Task<Answer> RemoveAsync(HttpContext context, Members members, string id) =>
        Member(await members.RemoveAsync(context.Actor(), context.Caller(), id));

    private static Answer Member(Outcome<Membership> outcome) =>
        outcome.Failed(out var problem, out var member) ? problem : EntryWire.Ok(EntryWire.Member(member));

    private static async Task<Answer> ListInvitationsAsync(HttpContext context, Invitations invitations) => EntryWire.Ok(
        new InvitationList([.. (await invitations.ListAsync(context.Caller().AccountId)).Select(EntryWire.Wire)]));

    private static Task<Answer> InviteAsync(
        HttpContext context,
        Invitations invitations,
        InvitationMail mail,
        OAuthAddress address) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var role = fields.OneOf("role", Roles.All, required: true);
        var cap = fields.Integer("spendPerDay", 1, CreditLedger.MaxAmount);
        var email = fields.Text("email", Person.MaxEmailLength);
        if ((fields.Problem() ?? (email is null ? null : await mail.RefusalAsync(context.Caller(), email))) is { } problem
            || (await invitations.MakeAsync(context.Actor(), context.Caller(), role!, cap)).Failed(out problem, out var made))
        {
            return problem;
        }

        var state = EntryWire.Wire(made.Invitation) with { Url = $"{address.Of(context.Request)}/invitation#{made.Token}" };
        if (email is not null)
        {
            state = state with { Mailed = await mail.SendAsync(context.Caller(), email, state.Url, context.RequestAborted) };
        }

        return EntryWire.Secret<InvitationState>(context, state);
    });

    private static async Task<Answer> WithdrawAsync(HttpContext context, Invitations invitations, string id) =>
        (await invitations.WithdrawAsync(context.Actor(), context.Caller().AccountId, id)).Failed(out var problem)
            ? problem
            : EntryWire.Ok(new EndedState(id));

    private static Task<Answer> AcceptAsync(
        HttpContext context, Invitations invitations, Entrance entrance, SessionCookie cookie) => LetInAsync(
            context,
            entrance,
            cookie,
            (newcomer, fields) => invitations.AcceptAsync(
                context.Newcomer(), newcomer, EntryFields.Credentials(fields, newcomer.Email), context.Connection.RemoteIpAddress));

    private static Task<Answer> WelcomeAsync(HttpContext context, Welcome welcome, Entrance entrance, SessionCookie cookie) => LetInAsync(
        context,
        entrance,
        cookie,
        (newcomer, fields) => welcome.RunAsync(context.Newcomer(), newcomer, fields.Text("accountName", AccountStore.MaxNameLength)));

    private static async Task<Answer> LetInAsync(
        HttpContext context,
        Entrance entrance,
        SessionCookie cookie,
        Func<Newcomer, RequestFields, Task<Outcome<(Person Person, string AccountId)>>> let)
    {
        if ((cookie.FromElsewhere(context.Request, changes: true, isForm: false) ?? cookie.Refusal(context.Request)) is { } refusal)
        {
            return refusal;
        }

        return await RequestFields.ReadStrictAsync(context, async fields =>
        {
            var newcomer = EntryFields.Newcomer(fields);
            fields.Known("code");
            fields.Known("recoveryCode");
            fields.Known("accountName");
            if ((fields.Problem() ?? EntryFields.Refusal(newcomer)) is { } problem
                || (await let(newcomer, fields)).Failed(out problem, out var come)
                || (await entrance.AdmitAsync(context, come.Person, come.AccountId)).Failed(out problem, out var session))
            {
                return problem;
            }

            return EntryWire.Secret(context, await entrance.StateAsync(come.Person.Id, session));
        });
    }
}
