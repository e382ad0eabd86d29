using System.Globalization;
using System.Text;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Ledger;

/// <summary>One row that breaks a law.</summary>
internal sealed record Violation
{
    public required string Law { get; init; }

    public required string AccountId { get; init; }

    public required string Subject { get; init; }

    public required string Detail { get; init; }
}

/// <summary>One law and what breaks it.</summary>
internal sealed record LawResult(string Law, string Meaning, IReadOnlyList<Violation> Violations);

/// <summary>Every law as it stood on one snapshot.</summary>
internal sealed record AuditReport(DateTimeOffset CheckedAt, TimeSpan Elapsed, IReadOnlyList<LawResult> Laws)
{
    public bool Ok => Laws.All(law => law.Violations.Count == 0);

    public string ToText()
    {
        var text = new StringBuilder();
        foreach (var law in Laws)
        {
            text.Append(law.Violations.Count == 0 ? "ok    " : "BROKEN")
                .Append(' ')
                .Append(law.Law.PadRight(4))
                .Append(law.Meaning)
                .Append('\n');
            foreach (var violation in law.Violations)
            {
                text.Append("            ")
                    .Append(violation.AccountId)
                    .Append(' ')
                    .Append(violation.Subject)
                    .Append(": ")
                    .Append(violation.Detail)
                    .Append('\n');
            }
        }

        return text
            .Append(Ok ? "All laws hold" : "The ledger is broken")
            .Append(CultureInfo.InvariantCulture, $" ({Elapsed.TotalMilliseconds:0} ms).\n")
            .ToString();
    }
}

/// <summary>
/// Checks the laws of the ledger while the server runs: all queries read one snapshot, so a transfer that is being booked
/// is seen whole or not at all.
/// </summary>
internal static partial class LedgerAudit
{
    private const int MaxViolations = 1000;

    // A task without a deadline is old after a day; the reconciliation of an overdue one gets an hour.
    private static readonly TimeSpan MaxLife = TimeSpan.FromHours(24);
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    public static async Task<AuditReport> RunAsync(Database database, TimeProvider time)
    {
        var started = time.GetTimestamp();
        var now = time.GetUtcNow();
        return Report(await database.ReadAsync(session => ReadAsync(session, now)), now, time.GetElapsedTime(started));
    }

    /// <summary>The same inside a transaction that is not over, and sees what that has written.</summary>
    public static async Task<AuditReport> RunAsync(Tx tx, TimeProvider time)
    {
        var (started, now) = (time.GetTimestamp(), time.GetUtcNow());
        return Report(await CheckAsync(tx, now), now, time.GetElapsedTime(started));
    }

    private static AuditReport Report(IReadOnlyList<Violation> found, DateTimeOffset now, TimeSpan took)
    {
        var byLaw = found.ToLookup(violation => violation.Law);
        return new AuditReport(now, took, [.. Meanings.Select(law => new LawResult(law.Law, law.Meaning, [.. byLaw[law.Law]]))]);
    }

    private static async ValueTask<List<Violation>> ReadAsync(Session session, DateTimeOffset now)
    {
        var sqlite = session.Dialect == SqlDialect.Sqlite;
        // Two words each: Dapper takes a single one for the name of a stored procedure.
        await session.ExecuteAsync(sqlite ? "begin deferred" : "begin isolation level repeatable read, read only");
        try
        {
            return await CheckAsync(session, now);
        }
        finally
        {
            await session.ExecuteAsync("rollback transaction");
        }
    }

    /// <summary>Every law on what the session sees now; only a snapshot keeps a transfer that is being booked out of it.</summary>
    internal static async ValueTask<List<Violation>> CheckAsync(Session session, DateTimeOffset now)
    {
        var sqlite = session.Dialect == SqlDialect.Sqlite;
        if (!sqlite)
        {
            // Grouping a million transfers in the default 4 MB would go through the disk.
            await session.ExecuteAsync("set local work_mem = '128MB'");
        }

        var arguments = new
        {
            now = now.ToUnixTimeMilliseconds(),
            life = (long)MaxLife.TotalMilliseconds,
            grace = (long)Grace.TotalMilliseconds,
            limit = (long)MaxViolations,
        };
        var found = new List<Violation>();
        string[] queries =
            [TransferLaws, SystemLaw, BalanceLaws, TaskLaws, InFlightLaw, VoucherLaw, sqlite ? AppendOnlySqlite : AppendOnlyPostgres];
        foreach (var query in queries)
        {
            found.AddRange(await session.QueryAsync<Violation>(query, arguments));
        }

        found.AddRange((await AuditChain.CheckAsync(session)).Select(link => new Violation
        {
            Law = "L14",
            AccountId = link.AccountId,
            Subject = link.Subject,
            Detail = link.Detail,
        }));
        return found.Count > MaxViolations ? found[..MaxViolations] : found;
    }
}
