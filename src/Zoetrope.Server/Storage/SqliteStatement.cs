using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Zoetrope.Server.Storage;

/// <summary>
/// A prepared statement of the few hot paths, without ADO.NET around it: binding by position, columns by pointer. On those
/// paths the driver's layers cost more than the database does. Belongs to one connection and is used by one thread at a time.
/// </summary>
internal sealed unsafe partial class SqliteStatement : IDisposable
{
    private const string Library = "e_sqlite3";
    private const int Row = 100;
    private const int Done = 101;
    private const int PreparePersistent = 1;

    // Longer texts are copied by SQLite; ordinary rows fit and cost no allocation.
    private const int ArenaBytes = 16 * 1024;
    private static readonly nint Transient = -1;

    private readonly SqliteConnection _connection;
    private readonly byte[] _arena = GC.AllocateUninitializedArray<byte>(ArenaBytes, pinned: true);
    private nint _statement;
    private int _used;

    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _connection = connection;
        var text = Encoding.UTF8.GetBytes(sql);
        fixed (byte* pointer = text)
        {
            Check(sqlite3_prepare_v3(Handle, pointer, text.Length, PreparePersistent, out _statement, out _));
        }
    }

    private nint Handle => _connection.Handle!.DangerousGetHandle();

    /// <summary>Starts a new execution: forgets the last one's row. Every parameter is bound again by the caller.</summary>
    public SqliteStatement Reset()
    {
        sqlite3_reset(_statement);
        _used = 0;
        return this;
    }

    public SqliteStatement Bind(int position, long value)
    {
        Check(sqlite3_bind_int64(_statement, position, value));
        return this;
    }

    public SqliteStatement Bind(int position, long? value) => value is { } number ? Bind(position, number) : BindNull(position);

    public SqliteStatement Bind(int position, string? value)
    {
        if (value is null)
        {
            return BindNull(position);
        }

        var longest = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (longest <= ArenaBytes - _used)
        {
            var length = Encoding.UTF8.GetBytes(value, _arena.AsSpan(_used));
            Check(sqlite3_bind_text(_statement, position, Place(length), length, 0));
            return this;
        }

        var bytes = Encoding.UTF8.GetBytes(value);
        fixed (byte* pointer = bytes)
        {
            Check(sqlite3_bind_text(_statement, position, pointer, bytes.Length, Transient));
        }

        return this;
    }

    public SqliteStatement Bind(int position, ReadOnlySpan<byte> value)
    {
        fixed (byte* pointer = value)
        {
            Check(sqlite3_bind_blob(_statement, position, pointer, value.Length, Transient));
        }

        return this;
    }

    /// <summary>The next row; false at the end.</summary>
    public bool Step()
    {
        var result = sqlite3_step(_statement);
        return result switch
        {
            Row => true,
            Done => false,
            _ => throw Failure(result),
        };
    }

    /// <summary>Runs a statement without rows.</summary>
    public void Run()
    {
        Step();
        Reset();
    }

    public bool IsNull(int column) => sqlite3_column_type(_statement, column) == 5;

    public long Int64(int column) => sqlite3_column_int64(_statement, column);

    public long? OptionalInt64(int column) => IsNull(column) ? null : Int64(column);

    /// <summary>The column's bytes; valid until the next step or reset.</summary>
    public ReadOnlySpan<byte> Bytes(int column)
    {
        var pointer = sqlite3_column_blob(_statement, column);
        return new ReadOnlySpan<byte>(pointer, sqlite3_column_bytes(_statement, column));
    }

    public string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

    public void Dispose()
    {
        if (_statement != 0)
        {
            sqlite3_finalize(_statement);
            _statement = 0;
        }
    }

    private SqliteStatement BindNull(int position)
    {
        Check(sqlite3_bind_null(_statement, position));
        return this;
    }

    private byte* Place(int length)
    {
        var pointer = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_arena, _used);
        _used += length;
        return pointer;
    }

    private void Check(int result)
    {
        if (result != 0)
        {
            throw Failure(result);
        }
    }

    private SqliteException Failure(int result)
    {
        var message = Marshal.PtrToStringUTF8(sqlite3_errmsg(Handle));
        sqlite3_reset(_statement);
        return new SqliteException($"SQLite Error {result}: '{message}'.", result & 0xff, result);
    }

    // Accessors that only touch memory skip the garbage collector's transition; whatever may do I/O keeps it.
    [LibraryImport(Library)]
    private static partial int sqlite3_prepare_v3(nint db, byte* sql, int length, uint flags, out nint statement, out nint tail);

    [LibraryImport(Library)]
    private static partial int sqlite3_step(nint statement);

    [LibraryImport(Library)]
    private static partial int sqlite3_reset(nint statement);

    [LibraryImport(Library)]
    private static partial int sqlite3_finalize(nint statement);

    [LibraryImport(Library)]
    private static partial nint sqlite3_errmsg(nint db);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    private static partial int sqlite3_bind_int64(nint statement, int position, long value);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    private static partial int sqlite3_bind_null(nint statement, int position);

    [LibraryImport(Library)]
    private static partial int sqlite3_bind_text(nint statement, int position, byte* text, int length, nint destructor);

    [LibraryImport(Library)]
    private static partial int sqlite3_bind_blob(nint statement, int position, byte* bytes, int length, nint destructor);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    private static partial int sqlite3_column_type(nint statement, int column);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    private static partial long sqlite3_column_int64(nint statement, int column);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    private static partial byte* sqlite3_column_blob(nint statement, int column);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    private static partial int sqlite3_column_bytes(nint statement, int column);
}
