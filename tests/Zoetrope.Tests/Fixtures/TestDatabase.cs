using Microsoft.Extensions.Logging.Abstractions;
using Zoetrope.Server.Storage;

namespace Zoetrope.Tests.Fixtures;

/// <summary>A fresh, migrated database of either kind for one test.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;

    private TestDatabase(string connectionString, TemporaryDirectory directory)
    {
        _directory = directory;
        Options = new DatabaseOptions { ConnectionString = connectionString };
        Database = Open();
    }

    public DatabaseOptions Options { get; }

    public string DataDirectory => _directory.Path;

    public string SqlitePath => StorageFeature.SqlitePath(DataDirectory);

    public Database Database { get; private set; }

    /// <summary>Skips the calling test when it needs PostgreSQL and there is none.</summary>
    public static async Task<TestDatabase> CreateAsync(SqlDialect dialect, bool migrated = true)
    {
        if (dialect == SqlDialect.Postgres)
        {
            TestPostgres.SkipIfAbsent();
            return new TestDatabase(await TestPostgres.CreateAsync(migrated), new TemporaryDirectory());
        }

        var directory = new TemporaryDirectory();
        if (migrated)
        {
            await TestSqlite.CreateAsync(StorageFeature.SqlitePath(directory.Path));
        }

        return new TestDatabase("", directory);
    }

    public Task<IReadOnlyList<string>> MigrateAsync() => Migrator.MigrateAsync(Options, SqlitePath);

    /// <summary>Closes the database and opens it again, as a restart of the server would.</summary>
    public async Task ReopenAsync()
    {
        await Database.DisposeAsync();
        Database = Open();
    }

    public Task ExecuteAsync(string sql, object? arguments = null) =>
        Database.InTransactionAsync(tx => tx.ExecuteAsync(sql, arguments));

    public async Task<T?> ScalarAsync<T>(string sql, object? arguments = null) =>
        await Database.ReadAsync(async session => await session.ScalarAsync<T>(sql, arguments));

    public async Task<List<T>> QueryAsync<T>(string sql, object? arguments = null) =>
        await Database.ReadAsync(async session => await session.QueryAsync<T>(sql, arguments));

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        if (Options.ConnectionString.Length > 0)
        {
            await TestPostgres.DropAsync(Options.ConnectionString);
        }

        _directory.Dispose();
    }

    private Database Open() => StorageFeature.Open(Options, DataDirectory, NullLoggerFactory.Instance);
}
