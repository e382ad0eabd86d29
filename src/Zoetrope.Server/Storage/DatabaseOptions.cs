namespace Zoetrope.Server.Storage;

/// <summary>Section <c>Zoetrope:Database</c>.</summary>
internal sealed class DatabaseOptions
{
    /// <summary>A PostgreSQL connection string; empty means SQLite in the data directory.</summary>
    public string ConnectionString { get; init; } = "";
}
