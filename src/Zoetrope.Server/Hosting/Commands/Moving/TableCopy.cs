using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting.Commands.Moving;

/// <summary>
/// Copies every table of a SQLite database into the same tables of PostgreSQL, which are empty, and compares counts and sums. Which
/// tables and columns there are, the two databases say: what only one of them has is an error and not left behind.
/// </summary>
internal sealed class TableCopy(SqliteConnection from, Tx to)
{
    /// <summary>Tables that are about a database itself, or about the nodes of PostgreSQL, and an index that is made anew.</summary>
    public static readonly IReadOnlySet<string> Own = new HashSet<string>(StringComparer.Ordinal)
    {
        "schema_versions", "schema_floor", "cluster", "nodes", "duties", "provider_places", "silo_table", "silos", "orleansquery", "secrets",
        "prompt_texts", "prompt_checkpoints", "prompt_index", "prompt_index_data", "prompt_index_idx", "prompt_index_docsize", "prompt_index_config",
    };

    // Sums of times in milliseconds would pass 64 bits.
    private const string Modulus = "1000000007";

    private NpgsqlConnection Target => (NpgsqlConnection)to.Connection;

    /// <summary>The tables in an order in which each comes after those that it names.</summary>
    public async Task<IReadOnlyList<MovedTable>> TablesAsync()
    {
        var columns = (await to.QueryAsync<(string Table, string Name, string Type, bool Identity)>(
            """
            select c.table_name, c.column_name, c.data_type, c.is_identity = 'YES' from information_schema.columns c
            join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
            where t.table_type = 'BASE TABLE' and c.table_schema = current_schema() order by c.table_name, c.ordinal_position
            """)).Where(column => !Own.Contains(column.Table)).ToLookup(column => column.Table);
        var names = columns.Select(group => group.Key).Order(StringComparer.Ordinal).ToList();
        var here = Ask("select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name")
            .Where(name => !Own.Contains(name)).Order(StringComparer.Ordinal).ToList();
        var references = await to.QueryAsync<(string Table, string Named)>(
            "select conrelid::regclass::text, confrelid::regclass::text from pg_constraint where contype = 'f' and conrelid <> confrelid");
        if (!names.SequenceEqual(here, StringComparer.Ordinal))
        {
            throw Differ(names.Except(here).Concat(here.Except(names)));
        }

        var tables = new List<MovedTable>();
        while (tables.Count < names.Count)
        {
            var next = names.First(name => tables.All(table => table.Name != name)
                && references.All(reference => reference.Table != name || tables.Any(table => table.Name == reference.Named)));
            var own = Ask($"select name from pragma_table_info('{next}')");
            if (!own.ToHashSet(StringComparer.Ordinal).SetEquals(columns[next].Select(column => column.Name)))
            {
                throw Differ([next]);
            }

            tables.Add(new MovedTable(
                next, [.. columns[next].Select(column => new MovedColumn(column.Name, column.Type, column.Identity))]));
        }

        return tables;
    }

    public async Task<bool> IsEmptyAsync(MovedTable table) => !await to.ScalarAsync<bool>($"select exists (select 1 from {table.Name})");

    /// <summary>Copies the table as it is: what triggers write is among the rows already.</summary>
    /// <returns>How many rows it has.</returns>
    public async Task<long> CopyAsync(MovedTable table)
    {
        await to.ExecuteAsync($"alter table {table.Name} disable trigger user");
        var list = string.Join(", ", table.Columns.Select(column => column.Name));
        await using (var command = from.CreateCommand())
        {
            command.CommandText = $"select {list} from {table.Name}";
            await using var row = await command.ExecuteReaderAsync();
            await using var writer = await Target.BeginBinaryImportAsync($"copy {table.Name} ({list}) from stdin (format binary)");
            while (await row.ReadAsync())
            {
                await writer.StartRowAsync();
                for (var i = 0; i < table.Columns.Count; i++)
                {
                    await WriteAsync(writer, row, i, table.Columns[i].Type);
                }
            }

            await writer.CompleteAsync();
        }

        await to.ExecuteAsync($"alter table {table.Name} enable trigger user");
        foreach (var column in table.Columns.Where(column => column.IsIdentity))
        {
            // A number that a deleted row had is not given again: a client may know it.
            var last = Ask($"select seq from sqlite_sequence where name = '{table.Name}'").Select(long.Parse).SingleOrDefault();
            if (last > 0)
            {
                await to.ExecuteAsync(
                    "select setval(pg_get_serial_sequence(@table, @column), @last)",
                    new { table = table.Name, column = column.Name, last });
            }
        }

        return await CompareAsync(table);
    }

    private async Task<long> CompareAsync(MovedTable table)
    {
        var there = await SumsAsync(table, SqlDialect.Postgres);
        var here = await SumsAsync(table, SqlDialect.Sqlite);
        return there.SequenceEqual(here)
            ? (long)here[0]!.Value
            : throw new StartException(
                "IMPORT_DIFFERS", $"The rows of {table.Name} are not the same after the copy. Nothing was imported.");
    }

    private async Task<List<decimal?>> SumsAsync(MovedTable table, SqlDialect dialect)
    {
        var isPostgres = dialect == SqlDialect.Postgres;
        var sums = table.Columns.Select(column => column.Type switch
        {
            "text" => $"sum(length({column.Name}))",
            "bytea" => $"sum({(isPostgres ? "octet_length" : "length")}({column.Name}))",
            "bigint" or "integer" => $"sum({column.Name} % {Modulus})",
            "boolean" => $"sum({column.Name}{(isPostgres ? "::int" : "")})",
            _ => $"count({column.Name})",
        });
        await using var command = isPostgres ? Target.CreateCommand() : (System.Data.Common.DbCommand)from.CreateCommand();
        command.CommandText = $"select count(*), {string.Join(", ", sums)} from {table.Name}";
        command.Transaction = isPostgres ? to.Transaction : null;
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        return [.. Enumerable.Range(0, row.FieldCount)
            .Select(i => row.IsDBNull(i) ? (decimal?)null : Convert.ToDecimal(row.GetValue(i), CultureInfo.InvariantCulture))];
    }

    private static Task WriteAsync(NpgsqlBinaryImporter writer, System.Data.Common.DbDataReader row, int i, string type) =>
        row.IsDBNull(i) ? writer.WriteNullAsync() : type switch
        {
            "text" => writer.WriteAsync(row.GetString(i), NpgsqlDbType.Text),
            "bigint" => writer.WriteAsync(row.GetInt64(i), NpgsqlDbType.Bigint),
            "integer" => writer.WriteAsync(row.GetInt32(i), NpgsqlDbType.Integer),
            "boolean" => writer.WriteAsync(row.GetInt64(i) != 0, NpgsqlDbType.Boolean),
            "double precision" => writer.WriteAsync(row.GetDouble(i), NpgsqlDbType.Double),
            "bytea" => writer.WriteAsync((byte[])row.GetValue(i), NpgsqlDbType.Bytea),
            _ => throw new InvalidOperationException($"No rule for columns of the type {type}."),
        };

    private List<string> Ask(string sql)
    {
        using var command = from.CreateCommand();
        command.CommandText = sql;
        using var row = command.ExecuteReader();
        var answers = new List<string>();
        while (row.Read())
        {
            answers.Add(row.GetValue(0).ToString()!);
        }

        return answers;
    }

    private static StartException Differ(IEnumerable<string> tables) => new(
        "SCHEMA_DIFFERS", $"SQLite and PostgreSQL do not have the same columns in {string.Join(", ", tables)}. Use one version for both.");
}

/// <summary>A table that both databases have.</summary>
internal sealed record MovedTable(string Name, IReadOnlyList<MovedColumn> Columns);

/// <summary>One of its columns.</summary>
/// <param name="Name">Of the column.</param>
/// <param name="Type">PostgreSQL's word for its type.</param>
/// <param name="IsIdentity">Whether the database numbers it.</param>
internal sealed record MovedColumn(string Name, string Type, bool IsIdentity);
