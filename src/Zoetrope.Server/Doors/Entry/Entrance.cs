using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared.Browsers;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.Entry;

/// <summary>Begins a session for a person who has proved who they are, and says who is signed in.</summary>
internal sealed class Entrance(Sessions sessions, SessionCookie cookie, Database database)
{
    private static readonly Problem NoAccount = Problems.Forbidden.With(
        "You belong to no account of this server any more. Ask an owner of yours for an invitation.");

    /// <param name="context">The request, whose answer gets the cookie.</param>
    /// <param name="person">Who.</param>
    /// <param name="accountId">The account that the session acts in; null for the one that the person joined first.</param>
    /// <param name="provedAt">When they proved who they are; null for now.</param>
    /// <returns>The session's id.</returns>
    public async Task<Outcome<string>> AdmitAsync(
        HttpContext context, Person person, string? accountId = null, DateTimeOffset? provedAt = null)
    {
        if (cookie.Refusal(context.Request) is { } refusal)
        {
            return refusal;
        }

        var memberships = await database.ReadAsync(async session => await Memberships.OfPersonAsync(session, person.Id));
        if (memberships.Count == 0)
        {
            return NoAccount;
        }

        var agent = ShortText.Of(context.Request.Headers.UserAgent.ToString(), Sessions.MaxAgent);
        var begun = await sessions.BeginAsync(person, accountId ?? memberships[0].AccountId, agent.Length == 0 ? null : agent, provedAt);
        if (cookie.Read(context.Request) is { } earlier)
        {
            await sessions.EndEarlierAsync(person.Id, earlier);
        }

        cookie.Write(context, begun);
        return begun.Id;
    }

    /// <summary>Who is signed in at one of our pages, whatever their account pays for; null for nobody.</summary>
    public async Task<Caller?> CallerAsync(HttpContext context) =>
        cookie.Read(context.Request) is { } secret
        && await sessions.AuthenticateAsync(secret, KeyMode.Test, Scopes.None, needsPlan: false) is { } found
        && !found.Failed(out _, out var caller)
            ? caller
            : null;

    public async Task<Outcome<SessionState>> StateAsync(string personId, string sessionId)
    {
        if (await sessions.FindAsync(personId, sessionId) is not { } session)
        {
            return Problems.SignedOut.With("The session has ended. Sign in again.");
        }

        return await database.ReadAsync<Outcome<SessionState>>(async read =>
        {
            var memberships = await Memberships.OfPersonAsync(read, personId);
            return await PersonStore.FindAsync(read, personId) is { } person
                && memberships.Find(membership => membership.AccountId == session.AccountId) is { } current
                    ? new SessionState(
                        sessionId,
                        EntryWire.Wire(person, await RecoveryCodes.LeftAsync(read, personId)),
                        EntryWire.Wire(current),
                        [.. memberships.Select(EntryWire.Wire)],
                        WireTime.Text(session.ProvedAt),
                        WireTime.Text(session.ExpiresAt))
                    : Problems.SignedOut.With("The session has ended. Sign in again.");
        });
    }
}
