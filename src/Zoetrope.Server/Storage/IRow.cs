using System.Data.Common;

namespace Zoetrope.Server.Storage;

/// <summary>A row at hand, so that one mapping serves the driver's reader and the bare statement alike.</summary>
internal interface IRow
{
    bool IsNull(int column);

    long Int64(int column);

    string Text(int column);
}

internal readonly struct ReaderRow(DbDataReader reader) : IRow
{
    public bool IsNull(int column) => reader.IsDBNull(column);

    public long Int64(int column) => reader.GetInt64(column);

    public string Text(int column) => reader.GetString(column);
}

internal readonly struct StatementRow(SqliteStatement statement) : IRow
{
    public bool IsNull(int column) => statement.IsNull(column);

    public long Int64(int column) => statement.Int64(column);

    public string Text(int column) => statement.Text(column);
}
