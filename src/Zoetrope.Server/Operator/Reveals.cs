using Zoetrope.Server.Audit;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Operator;

/// <summary>The words of a task, which an operator sees only with a reason: the account's own audit log says so.</summary>
internal sealed class Reveals(Database database, TimeProvider time)
{
    private const string Sql =
        """
        select g.account_id, g.prompt, g.parameters from accounts a join generations g on g.account_id = a.id and g.id = @id
        """;

    public async Task<Outcome<RevealedWords>> RunAsync(Actor by, string taskId, string reason) =>
        await database.InTransactionAsync<Outcome<RevealedWords>>(async tx =>
        {
            if (!Ids.IsValid(Ids.Generation, taskId)
                || await tx.FirstOrDefaultAsync<RevealedWords>(Sql, new { id = taskId }) is not { } words)
            {
                return Problems.TaskNotFound.With("No task with this id exists.", "taskId", taskId);
            }

            await AuditLog.AppendAsync(
                tx, by, new AuditEntry(words.AccountId, "prompt.revealed", taskId) { After = new { reason } }, time.GetUtcNow());
            return words;
        });
}

/// <summary>What a customer asked for. No record, which would print its members.</summary>
internal sealed class RevealedWords
{
    public string AccountId { get; init; } = "";

    public string Prompt { get; init; } = "";

    public string Parameters { get; init; } = "{}";
}
