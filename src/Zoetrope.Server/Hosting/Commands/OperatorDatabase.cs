using Microsoft.Extensions.Logging.Abstractions;
using Zoetrope.Server.Operator;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary>The database of the server, opened beside it: the same rows, the same transactions, no lock on the directory.</summary>
internal sealed class OperatorDatabase : IAsyncDisposable
{
    private readonly Database _database;

    private OperatorDatabase(Database database) => _database = database;

    public AccountOperations Accounts => new(_database, TimeProvider.System);

    public static async Task<OperatorDatabase> OpenAsync()
    {
        var host = HostSettings.FromEnvironment();
        var options = Settings.Load(host).Bind<DatabaseOptions>("Database");
        var directory = DataDirectory.Create(host.DataDirectory);
        await Schema.EnsureAsync(options, directory);
        return new OperatorDatabase(StorageFeature.Open(options, directory, NullLoggerFactory.Instance));
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
