using Zoetrope.Server.Audit;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People;

/// <summary>Who changes how a person proves who they are, and in which account's log it is written.</summary>
internal sealed record PersonChange(Actor By, string AccountId)
{
    /// <summary>Writes it, in the transaction of the change.</summary>
    public static Task WriteAsync(Tx tx, Person person, string action, DateTimeOffset now, string? target = null) => person.Change is { } change
        ? AuditLog.AppendAsync(tx, change.By, new AuditEntry(change.AccountId, action, target ?? person.Id), now)
        : throw new InvalidOperationException("Nobody is behind this change of a person.");
}
