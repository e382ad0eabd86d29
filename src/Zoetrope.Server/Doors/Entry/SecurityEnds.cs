using Zoetrope.Server.People;
using Zoetrope.Server.People.Outside;

namespace Zoetrope.Server.Doors.Entry;

/// <summary>What the security page ends, and how old a session's proof may be for it.</summary>
internal sealed class SecurityEnds(Sessions sessions, PasskeyStore passkeys, OutsideLogins logins, TimeProvider time)
{
    public bool IsOld(Caller caller) => !caller.Session!.IsFresh(time.GetUtcNow());

    public Task ProveAsync(Caller caller) => sessions.ProveAsync(caller.Session!.Id);

    public async Task<SecurityDone> PasskeyAsync(Person person, string id) =>
        Done(await passkeys.RemoveAsync(person, id), "The passkey was removed. It signs nobody in any more.");

    public async Task<SecurityDone> LoginAsync(Person person, string id) =>
        Done(await logins.RemoveAsync(person, id), "The login was removed. It signs nobody in any more.");

    public async Task<SecurityDone> BrowserAsync(string personId, string id) => await sessions.EndAsync(personId, id)
        ? new SecurityDone("The browser was signed out.")
        : Problems.PersonNotFound.With("You have no such browser any more.");

    private static SecurityDone Done(Outcome<bool> removed, string words) =>
        removed.Failed(out var problem) ? problem : new SecurityDone(words);
}
