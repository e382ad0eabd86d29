using Npgsql;

namespace Zoetrope.Server.Storage;

/// <summary>A write that runs thousands of times a second: one text and one list of parameters, prepared on either database.</summary>
internal sealed class HotStatement<T>(string sql, IReadOnlyList<Column<T>> columns)
{
    private readonly Column<T>[] _given = [.. columns.Where(column => column.IsGiven)];

    /// <summary>Returns how many rows it changed.</summary>
    public ValueTask<int> RunAsync(Tx tx, T row) => tx.Dialect is SqlDialect.Sqlite ? new(Run(tx, row)) : OverWireAsync(tx, row);

    /// <summary>The same on SQLite, where nothing is waited for.</summary>
    public int Run(Tx tx, T row)
    {
        var statement = tx.Statement(sql);
        foreach (var column in _given)
        {
            column.Bind(statement, row);
        }

        return statement.Run();
    }

    private async ValueTask<int> OverWireAsync(Tx tx, T row)
    {
        await using var command = new NpgsqlCommand(sql, (NpgsqlConnection)tx.Connection, (NpgsqlTransaction?)tx.Transaction);
        foreach (var column in _given)
        {
            command.Parameters.Add(column.One(row));
        }

        return await command.ExecuteNonQueryAsync();
    }
}
