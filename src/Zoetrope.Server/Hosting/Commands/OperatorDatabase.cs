using Microsoft.Extensions.Logging.Abstractions;
using Zoetrope.Server.Generations.Reconciling;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Operator;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;
using Zoetrope.Server.Usage;
using Zoetrope.Server.Vouchers;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary>The database of the server, opened beside it: the same rows, the same transactions, no lock on the directory.</summary>
internal sealed class OperatorDatabase : IAsyncDisposable
{
    private readonly Database _database;
    private readonly RetentionOptions _retention;

    private OperatorDatabase(Database database, RetentionOptions retention, string directory) =>
        (_database, _retention, Journal) = (database, retention, new Journal(directory));

    public AccountOperations Accounts => new(_database, TimeProvider.System);

    public AccountBooks Books => new(_database, TimeProvider.System);

    public TaskSearch Tasks => new(_database);

    public Suspense Suspense => new(_database, TimeProvider.System);

    public VoucherBooks Vouchers => new(
        _database, new CreditLedger(TimeProvider.System), new SignInAttempts(_database, TimeProvider.System), TimeProvider.System);

    public Cases Cases => new(_database, TimeProvider.System);

    public UsageBooks Usage => new(_database, _retention, TimeProvider.System);

    public SqlDialect Dialect => _database.Dialect;

    public Journal Journal { get; }

    public ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> read) => _database.ReadAsync(read);

    public Task<T> WriteAsync<T>(Func<Tx, Task<T>> write) => _database.InTransactionAsync(write);

    public static async Task<OperatorDatabase> OpenAsync()
    {
        var host = HostSettings.FromEnvironment();
        var settings = Settings.Load(host);
        var options = settings.Bind<DatabaseOptions>("Database");
        var directory = DataDirectory.Create(host.DataDirectory);
        await Schema.EnsureAsync(options, directory);
        return new OperatorDatabase(
            StorageFeature.Open(options, directory, NullLoggerFactory.Instance, patient: true),
            settings.Bind<RetentionOptions>("Retention"),
            directory);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
