using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Audit;

/// <summary>Checks that every row of the audit log follows from the one before.</summary>
internal static class AuditChain
{
    private const int Batch = 2_000;

    private const string MissingSqlite =
        """
        select '' as account_id, name as subject, 'the trigger is missing' as detail
        from (select 'audit_log_no_update' as name union all select 'audit_log_no_delete') wanted
        where not exists (select 1 from sqlite_master m where m.type = 'trigger' and m.tbl_name = 'audit_log' and m.name = wanted.name)
        """;

    private const string MissingPostgres =
        """
        select '' as account_id, name as subject, 'the trigger is missing or disabled' as detail
        from (select 'audit_log_append_only' as name) wanted
        where not exists (
            select 1 from pg_trigger t
            where t.tgrelid = 'audit_log'::regclass and t.tgname = wanted.name and t.tgenabled in ('O', 'A'))
        """;

    /// <summary>The first broken row of each chain, and what of the protection is missing.</summary>
    public static async Task<List<BrokenLink>> CheckAsync(Session session)
    {
        var broken = await session.QueryAsync<BrokenLink>(session.Dialect == SqlDialect.Sqlite ? MissingSqlite : MissingPostgres);
        var ends = await session.QueryAsync<(string Account, long Number, string Hash)>("select account_id, number, hash from audit_chains");
        var heads = ends.ToDictionary(head => head.Account, StringComparer.Ordinal);
        var (account, number, hash, isBroken) = ("", 0L, "", false);
        var begun = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var row in RowsAsync(session))
        {
            if (row.AccountId != account || begun.Count == 0)
            {
                End();
                (account, number, hash, isBroken) = (row.AccountId, 0, "", false);
                begun.Add(account);
            }

            if (!isBroken && (row.Number != number + 1 || row.Hash != row.HashAfter(hash)))
            {
                isBroken = true;
                broken.Add(Link(account, row.Id, row.Number != number + 1
                    ? $"number {row.Number} follows {number}: a row is missing before it"
                    : $"number {row.Number} was changed"));
            }

            (number, hash) = (row.Number, row.Hash);
        }

        End();
        broken.AddRange(heads.Values.Where(head => !begun.Contains(head.Account))
            .Select(head => Link(head.Account, "", $"all {head.Number} rows are missing")));
        return broken;

        void End()
        {
            if (begun.Count == 0 || isBroken)
            {
                return;
            }

            if (!heads.TryGetValue(account, out var head) || head.Number != number || head.Hash != hash)
            {
                broken.Add(Link(account, "", $"the chain does not end with its newest row: number {number} is not its end"));
            }
        }
    }

    private static BrokenLink Link(string account, string subject, string detail) =>
        new() { AccountId = account, Subject = subject, Detail = detail };

    private static async IAsyncEnumerable<AuditRow> RowsAsync(Session session)
    {
        var (account, number) = ("", 0L);
        List<AuditRow> page;
        do
        {
            page = await session.QueryAsync<AuditRow>(
                $"""
                select {AuditRow.Columns} from audit_log where (account_id, number) > (@account, @number)
                order by account_id, number limit @limit
                """,
                new { account, number, limit = (long)Batch });
            foreach (var row in page)
            {
                yield return row;
                (account, number) = (row.AccountId, row.Number);
            }
        }
        while (page.Count == Batch);
    }
}

/// <summary>A place where the audit log does not hold together.</summary>
internal sealed record BrokenLink
{
    public required string AccountId { get; init; }

    /// <summary>The row, or the trigger that is missing.</summary>
    public required string Subject { get; init; }

    public required string Detail { get; init; }
}
