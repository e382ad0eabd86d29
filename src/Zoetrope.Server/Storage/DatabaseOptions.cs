using System.ComponentModel.DataAnnotations;

namespace Zoetrope.Server.Storage;

/// <summary>Section <c>Zoetrope:Database</c>.</summary>
internal sealed class DatabaseOptions
{
    /// <summary>A PostgreSQL connection string; empty means SQLite in the data directory.</summary>
    public string ConnectionString { get; init; } = "";

    /// <summary>
    /// The same past a pooler, for what holds a session: migrations. Empty: <see cref="ConnectionString"/>.
    /// </summary>
    public string DirectConnectionString { get; init; } = "";

    /// <summary><c>transaction</c> where PgBouncer, or a pooler like it, lends a connection for one transaction at a time.</summary>
    [AllowedValues("", "transaction", ErrorMessage = "It must be transaction, or empty where there is no pooler.")]
    public string Pooler { get; init; } = "";

    /// <summary>On a developer's machine: the database may run with settings by which it forgets commits when its machine fails.</summary>
    public bool MayForgetCommits { get; init; }

    /// <summary>Where a whole session can be had.</summary>
    public string Direct => DirectConnectionString.Length > 0 ? DirectConnectionString : ConnectionString;
}
