using Zoetrope.Server.Audit;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.Entry;

/// <summary>Another password for the signed-in person: whoever knew the old one is signed out.</summary>
internal sealed class PersonPassword(Database database, Passwords passwords, Sessions sessions, TimeProvider time)
{
    public async Task<Problem?> ChangeAsync(Actor by, Caller caller, string password)
    {
        if (EntryFields.PasswordRefusal(password) is { } refusal)
        {
            return refusal;
        }

        var hash = passwords.Hash(password);
        await database.InTransactionAsync(async tx =>
        {
            await PersonStore.ChangePasswordAsync(tx, caller.PersonId!, hash);
            await sessions.EndOthersAsync(tx, caller.PersonId!, caller.Session!.Id);
            await AuditLog.AppendAsync(
                tx, by, new AuditEntry(caller.AccountId, "person.password_changed", caller.PersonId!), time.GetUtcNow());
        });
        await sessions.ForgetAsync();
        return null;
    }
}
