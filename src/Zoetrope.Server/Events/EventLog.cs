using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Events;

/// <summary>
/// The append-only event log, written in the transaction of what happened. Everything that tells somebody (webhooks,
/// streams, progress) reads it; nothing is told from memory alone.
/// </summary>
internal static class EventLog
{
    public const string AppendSql =
        "insert into events (account_id, generation_id, type, created_at) values (@account, @generation, @type, @at)";

    public static async Task AppendAsync(Tx tx, string accountId, string generationId, string type, DateTimeOffset at) =>
        await tx.Command(AppendSql, ("account", accountId), ("generation", generationId), ("type", type), ("at", at.ToUnixTimeMilliseconds())).ExecuteNonQueryAsync();
}
