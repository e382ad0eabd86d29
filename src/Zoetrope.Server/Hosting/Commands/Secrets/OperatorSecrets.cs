using Microsoft.Extensions.Logging.Abstractions;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Hosting.Cluster;
using Zoetrope.Server.Operator;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting.Commands.Secrets;

/// <summary>The secrets as an operator's command sees them: rows of PostgreSQL, or files beside SQLite.</summary>
internal sealed class OperatorSecrets : IAsyncDisposable
{
    private readonly Database? _database;

    private OperatorSecrets(IReadOnlyList<Secret> all, string dataDirectory, Database? database, TimeProvider time, byte[]? masterKey)
    {
        (All, DataDirectory, _database, MasterKey) = (all, dataDirectory, database, masterKey);
        Rows = database is null ? null : new SecretRows(database, time);
    }

    public IReadOnlyList<Secret> All { get; }

    public string DataDirectory { get; }

    /// <summary>Null with SQLite.</summary>
    public SecretRows? Rows { get; }

    public byte[]? MasterKey { get; }

    public byte[] RequiredMasterKey => MasterKey ?? throw new StartException(
        "MASTER_KEY_MISSING",
        "Nodes come to a changed secret through the database, where a master key seals it. Set Zoetrope__Secrets__MasterKey on every node "
        + "and here.",
        StartException.BadSettings);

    public static async Task<OperatorSecrets> OpenAsync()
    {
        var host = HostSettings.FromEnvironment();
        var settings = Settings.Load(host);
        var options = settings.Bind<DatabaseOptions>("Database");
        var directory = Hosting.DataDirectory.Create(host.DataDirectory);
        var hasNodes = options.ConnectionString.Length > 0;
        var all = SharedSecrets.Of(settings, hasNodes);
        if (!hasNodes)
        {
            return new OperatorSecrets(all, directory, null, TimeProvider.System, null);
        }

        await Schema.EnsureAsync(options, directory);
        var database = StorageFeature.Open(options, directory, NullLoggerFactory.Instance, patient: true);
        var time = new ClusterTime(TimeProvider.System);
        await time.LookAsync(database);
        return new OperatorSecrets(all, directory, database, time, settings.Bind<SecretsOptions>("Secrets").Read());
    }

    public Secret Find(string name) => All.FirstOrDefault(secret => secret.Name == name) ?? throw new StartException(
        "NO_SECRET",
        $"There is no secret {name} here. There are: {string.Join(", ", All.Select(secret => secret.Name))}."
        + (name == OperatorKey.Secret.Name ? " The operator's key is the setting Zoetrope__Admin__Key: change it there." : ""));

    /// <summary>Writes to the audit log what was done to a file; a directory without a database has no log yet.</summary>
    public async Task WriteAsync(AuditEntry entry)
    {
        if (_database is null && !File.Exists(StorageFeature.SqlitePath(DataDirectory)))
        {
            return;
        }

        await using var database = await OperatorDatabase.OpenAsync();
        await database.WriteAsync(async tx =>
        {
            await AuditLog.AppendAsync(tx, Actor.CommandLine, entry, TimeProvider.System.GetUtcNow());
            return true;
        });
    }

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;
}
