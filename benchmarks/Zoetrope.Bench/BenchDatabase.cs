using Npgsql;

namespace Zoetrope.Bench;

/// <summary>A database of the benchmark's own, dropped when it is over.</summary>
internal sealed class BenchDatabase : IAsyncDisposable
{
    private readonly string _server;
    private readonly NpgsqlConnectionStringBuilder _own;

    private BenchDatabase(string server)
    {
        _server = server;
        _own = new NpgsqlConnectionStringBuilder(server) { Database = $"zoetrope_bench_{Guid.NewGuid():N}" };
    }

    public string ConnectionString => _own.ConnectionString;

    public NpgsqlConnectionStringBuilder Address => new(ConnectionString);

    public static async Task<BenchDatabase> CreateAsync(string server)
    {
        var database = new BenchDatabase(server);
        await ExecuteAsync(server, $"create database {database._own.Database}");
        return database;
    }

    public Task ExecuteAsync(string sql) => ExecuteAsync(ConnectionString, sql);

    public async Task<T> AskAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(Unpooled(ConnectionString));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Transactions that ended in this database so far.</summary>
    public Task<long> TransactionsAsync() => AskAsync<long>("select xact_commit + xact_rollback from pg_stat_database where datname = current_database()");

    public async ValueTask DisposeAsync() => await ExecuteAsync(_server, $"drop database if exists {_own.Database} with (force)");

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(Unpooled(connectionString));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static string Unpooled(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString;
}
