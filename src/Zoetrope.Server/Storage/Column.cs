using Npgsql;
using NpgsqlTypes;

namespace Zoetrope.Server.Storage;

/// <summary>
/// A parameter of a hot statement, named like its column, and where its value comes from. Typed to the end, so that nothing is
/// boxed on the way into SQLite; PostgreSQL gets one value, or the values of many rows as an array.
/// </summary>
internal abstract class Column<T>(string name)
{
    public string Name => name;

    /// <summary>What the statement contains in place of the value.</summary>
    public virtual string Sql => "@" + name;

    /// <summary>False where the statement itself has the value.</summary>
    public virtual bool IsGiven => true;

    public abstract void Bind(SqliteStatement statement, T row);

    public abstract NpgsqlParameter One(T row);

    public abstract NpgsqlParameter Many(IReadOnlyCollection<T> rows);

    public static Column<T> Text(string name, Func<T, string?> value) =>
        new Given<string?>(name, NpgsqlDbType.Text, value, static (statement, name, value) => statement.Bind(name, value));

    public static Column<T> Number(string name, Func<T, long> value) =>
        new Given<long>(name, NpgsqlDbType.Bigint, value, static (statement, name, value) => statement.Bind(name, value));

    public static Column<T> Optional(string name, Func<T, long?> value) =>
        new Given<long?>(name, NpgsqlDbType.Bigint, value, static (statement, name, value) => statement.Bind(name, value));

    public static Column<T> Bytes(string name, Func<T, byte[]> value) =>
        new Given<byte[]>(name, NpgsqlDbType.Bytea, value, static (statement, name, value) => statement.Bind(name, value));

    /// <summary>The same in every row.</summary>
    public static Column<T> Always(string name, string sql) => new Fixed(name, sql);

    private sealed class Given<TValue>(string name, NpgsqlDbType type, Func<T, TValue> value, Action<SqliteStatement, string, TValue> bind)
        : Column<T>(name)
    {
        public override void Bind(SqliteStatement statement, T row) => bind(statement, Name, value(row));

        public override NpgsqlParameter One(T row) => new(Name, type) { Value = (object?)value(row) ?? DBNull.Value };

        public override NpgsqlParameter Many(IReadOnlyCollection<T> rows) =>
            new(Name, type | NpgsqlDbType.Array) { Value = rows.Select(value).ToArray() };
    }

    private sealed class Fixed(string name, string sql) : Column<T>(name)
    {
        public override string Sql => sql;

        public override bool IsGiven => false;

        public override void Bind(SqliteStatement statement, T row)
        {
        }

        public override NpgsqlParameter One(T row) => throw new NotSupportedException();

        public override NpgsqlParameter Many(IReadOnlyCollection<T> rows) => throw new NotSupportedException();
    }
}
