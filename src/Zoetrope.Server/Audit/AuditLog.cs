using System.Text.Json;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Audit;

/// <summary>
/// The SQL of <c>audit_log</c>. Every change of a configuration appends one row in its own transaction. The rows of an account are a
/// chain, so that accounts do not wait for each other; a generation writes none.
/// </summary>
internal static class AuditLog
{
    public const string Prefix = "aud_";

    // Takes the chain's row lock, which comes last of all locks.
    private const string TakeNumberSql =
        """
        insert into audit_chains (account_id, number, hash) values (@AccountId, 1, '')
        on conflict (account_id) do update set number = audit_chains.number + 1 returning number, hash
        """;

    private const string InsertSql =
        $"""
        insert into audit_log ({AuditRow.Columns})
        values (@AccountId, @Number, @Id, @At, @Actor, @ActorId, @PersonId, @Door, @Action, @Target, @BeforeChange, @AfterChange,
            @Address, @RequestId, @Hash)
        """;

    /// <summary>Appends a row; the last thing that a change writes.</summary>
    public static async Task AppendAsync(Tx tx, Actor by, AuditEntry entry, DateTimeOffset now)
    {
        var at = now.ToUnixTimeMilliseconds();
        var (number, previous) = await tx.FirstOrDefaultAsync<(long, string)>(TakeNumberSql, new { entry.AccountId });
        var row = new AuditRow
        {
            AccountId = entry.AccountId,
            Number = number,
            Id = Ids.New(Prefix, at),
            At = at,
            Actor = by.Kind,
            ActorId = by.Id,
            PersonId = by.PersonId,
            Door = by.Door,
            Action = entry.Action,
            Target = entry.Target,
            BeforeChange = Json(entry.Before),
            AfterChange = Json(entry.After),
            Address = by.Address,
            RequestId = by.RequestId,
        };
        row = row with { Hash = row.HashAfter(previous) };
        await tx.ExecuteAsync(InsertSql, row);
        await tx.ExecuteAsync("update audit_chains set hash = @Hash where account_id = @AccountId", new { row.Hash, row.AccountId });
    }

    /// <summary>Newest first; those of one account, or all where none is named.</summary>
    public static ValueTask<List<AuditRow>> ListAsync(Session session, AuditFilter filter, int limit, string? before)
    {
        var named = filter.Action is null ? ""
            : filter.Action.EndsWith('.') ? "and action >= @Action and action < @next"
            : "and action = @Action";
        return new(session.QueryAsync<AuditRow>(
            $"""
            select {AuditRow.Columns} from audit_log
            where id < @before {(filter.AccountId is null ? "" : "and account_id = @AccountId")}
                {named} {(filter.From is null ? "" : "and at >= @from")} {(filter.To is null ? "" : "and at < @to")}
            order by id desc limit @limit
            """,
            new
            {
                before = before ?? Prefix + "~",
                filter.AccountId,
                filter.Action,

                // "key." is all that begins so; the next character after the full stop ends the range.
                next = filter.Action is { } action ? action.TrimEnd('.') + "/" : null,
                from = filter.From?.ToUnixTimeMilliseconds(),
                to = filter.To?.ToUnixTimeMilliseconds(),
                limit = (long)limit,
            }));
    }

    private static string? Json(object? value) => value is null ? null : JsonSerializer.Serialize(value, WireJson.Options);
}

/// <summary>Which rows; null is all.</summary>
/// <param name="AccountId">Of one account.</param>
/// <param name="Action">One action, or all whose names begin with a word and a full stop.</param>
/// <param name="From">From this time.</param>
/// <param name="To">Before this time.</param>
internal sealed record AuditFilter(string? AccountId, string? Action, DateTimeOffset? From, DateTimeOffset? To);
