using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Admission.Commit;

/// <summary>The SQL of a commit group: row by row on SQLite, over arrays on PostgreSQL.</summary>
internal interface ICommitStatements
{
    /// <summary>Reads, and on PostgreSQL locks in a fixed order, everything that the group decides on; absent rows count as zero.</summary>
    Task LoadAsync(Tx tx, IReadOnlyList<Submit> submits, long today, CommitBooks books);

    Task WriteAsync(Tx tx, IReadOnlyList<Submit> accepted, long today, CommitBooks books, DateTimeOffset now);
}
