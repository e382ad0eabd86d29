using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Zoetrope.Server.Storage;

/// <summary>
/// A prepared statement of the few hot paths, without ADO.NET around it: there the driver's layers cost more than the database
/// does. Parameters are bound by name. Belongs to one connection and is used by one thread at a time.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const uint PreparePersistent = 1;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly string[] _names;
    private byte[] _text = new byte[1024];
    private int _next;
    private int _bound;

    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v3(_database, Encoding.UTF8.GetBytes(sql), PreparePersistent, out _statement));

        // Interned, so that a literal at the place of binding is found by its reference.
        _names = [.. Enumerable.Range(1, raw.sqlite3_bind_parameter_count(_statement))
            .Select(position => string.Intern(raw.sqlite3_bind_parameter_name(_statement, position).utf8_to_string()[1..]))];
    }

    /// <summary>Starts a new execution: forgets the last one's row. Every parameter must be bound again.</summary>
    public SqliteStatement Reset()
    {
        _ = raw.sqlite3_reset(_statement);
        (_next, _bound) = (0, 0);
        return this;
    }

    public SqliteStatement Bind(string name, long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, PositionOf(name), value));
        return this;
    }

    public SqliteStatement Bind(string name, long? value)
    {
        var position = PositionOf(name);
        Check(value is { } number ? raw.sqlite3_bind_int64(_statement, position, number) : raw.sqlite3_bind_null(_statement, position));
        return this;
    }

    public SqliteStatement Bind(string name, string? value)
    {
        var position = PositionOf(name);
        Check(value switch
        {
            null => raw.sqlite3_bind_null(_statement, position),

            // Of no bytes the library would make a null.
            "" => raw.sqlite3_bind_text(_statement, position, ""),
            _ => raw.sqlite3_bind_text(_statement, position, Utf8(value)),
        });
        return this;
    }

    public SqliteStatement Bind(string name, ReadOnlySpan<byte> value)
    {
        Check(raw.sqlite3_bind_blob(_statement, PositionOf(name), value));
        return this;
    }

    /// <summary>The next row; false at the end.</summary>
    public bool Step()
    {
        if (_bound < _names.Length)
        {
            throw new InvalidOperationException($"Only {_bound} of the parameters {string.Join(", ", _names)} are bound.");
        }

        var result = raw.sqlite3_step(_statement);
        return result switch
        {
            raw.SQLITE_ROW => true,
            raw.SQLITE_DONE => false,
            _ => throw Failure(result),
        };
    }

    /// <summary>Runs a statement without rows; returns how many it changed.</summary>
    public int Run()
    {
        Step();
        Reset();
        return raw.sqlite3_changes(_database);
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    public long? OptionalInt64(int column) => IsNull(column) ? null : Int64(column);

    /// <summary>The column's bytes; valid until the next step or reset.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    public string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

    public void Dispose() => _statement.Dispose();

    // Callers bind in the order of the text, so the next parameter is nearly always the one that is meant.
    private int PositionOf(string name)
    {
        for (var i = 0; i < _names.Length; i++)
        {
            var at = _next + i < _names.Length ? _next + i : _next + i - _names.Length;
            if (_names[at] == name)
            {
                _next = at + 1;
                _bound++;
                return at + 1;
            }
        }

        throw new ArgumentException($"The statement has no parameter @{name}.", nameof(name));
    }

    private ReadOnlySpan<byte> Utf8(string value)
    {
        if (Encoding.UTF8.GetMaxByteCount(value.Length) is var longest && longest > _text.Length)
        {
            _text = new byte[longest];
        }

        return _text.AsSpan(0, Encoding.UTF8.GetBytes(value, _text));
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            throw Failure(result);
        }
    }

    private SqliteException Failure(int result)
    {
        var message = raw.sqlite3_errmsg(_database).utf8_to_string();
        if (_statement is not null)
        {
            Reset();
        }

        return new SqliteException($"SQLite Error {result}: '{message}'.", result & 0xff, result);
    }
}
