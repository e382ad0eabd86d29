using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.Entry.Outside;

/// <summary>The session with which a browser went to the issuer: it must be signed in as the same when it comes back.</summary>
internal sealed class OutsideSessions(Entrance entrance, Sessions sessions, Database database)
{
    public Entrance Entrance => entrance;

    public async Task<Caller?> SameAsync(HttpContext context, string sessionId) =>
        await entrance.CallerAsync(context) is { Session: { } session } caller && session.Id == sessionId ? caller : null;

    public async Task<Person?> PersonAsync(HttpContext context, Caller caller)
    {
        var person = await database.ReadAsync(async session => await PersonStore.FindAsync(session, caller.PersonId!));
        person?.Change = new PersonChange(context.Actor(caller), caller.AccountId);
        return person;
    }

    public Task ProveAsync(Caller caller) => sessions.ProveAsync(caller.Session!.Id);
}
