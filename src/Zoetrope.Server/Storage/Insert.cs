using Npgsql;

namespace Zoetrope.Server.Storage;

/// <summary>
/// An insert into a table, from one list of columns: row by row, or many rows at once over arrays on PostgreSQL.
/// </summary>
internal sealed class Insert<T>
{
    private readonly Column<T>[] _given;
    private readonly string _many;

    /// <param name="table">The table.</param>
    /// <param name="columns">Its columns and their values.</param>
    /// <param name="order">The columns by which many rows are sorted, where their order matters.</param>
    public Insert(string table, IReadOnlyList<Column<T>> columns, string? order = null)
    {
        _given = [.. columns.Where(column => column.IsGiven)];
        var names = string.Join(", ", columns.Select(column => column.Name));
        var into = $"insert into {table} ({names})";
        One = new HotStatement<T>($"{into} values ({string.Join(", ", columns.Select(column => column.Sql))})", columns);
        _many = $"{into} select {string.Join(", ", columns.Select(column => column.IsGiven ? column.Name : column.Sql))} "
            + $"from unnest({string.Join(", ", _given.Select(column => column.Sql))}) "
            + $"as given ({string.Join(", ", _given.Select(column => column.Name))})"
            + (order is null ? "" : $" order by {order}");
    }

    public HotStatement<T> One { get; }

    /// <summary>All of the rows in one statement of a round trip to PostgreSQL.</summary>
    public NpgsqlBatchCommand Many(IReadOnlyCollection<T> rows)
    {
        var command = new NpgsqlBatchCommand(_many);
        foreach (var column in _given)
        {
            command.Parameters.Add(column.Many(rows));
        }

        return command;
    }
}
