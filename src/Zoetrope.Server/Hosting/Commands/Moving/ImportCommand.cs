using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Zoetrope.Server.Hosting.Commands.Secrets;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting.Commands.Moving;

/// <summary>
/// <c>import</c>: an export into an empty PostgreSQL database, all or nothing. Files come first, because a file without a row is
/// harmless, and go on where an earlier try broke off.
/// </summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var source = new Argument<FileInfo>("file") { Description = "What ./run export wrote" };
        return new Command("import", "Put an export into an empty PostgreSQL database, while no server runs on it") { source }
            .Answering((parsed, cancellationToken) => RunAsync(parsed.GetRequiredValue(source), cancellationToken));
    }

    private static async Task<Answer> RunAsync(FileInfo source, CancellationToken cancellationToken)
    {
        var host = HostSettings.FromEnvironment();
        var settings = Settings.Load(host);
        var options = settings.Bind<DatabaseOptions>("Database");
        if (options.ConnectionString.Length == 0)
        {
            throw new StartException(
                "NOT_POSTGRES", "Set Zoetrope__Database__ConnectionString to an empty PostgreSQL database.", StartException.BadSettings);
        }

        if (!source.Exists)
        {
            throw new StartException("NO_EXPORT", $"There is no file {source.FullName}.");
        }

        using var directory = DataDirectory.Open(host.DataDirectory);
        await Schema.EnsureAsync(options, directory.FullPath);
        var work = Path.Combine(directory.FullPath, "import");
        Directory.CreateDirectory(work);
        try
        {
            await using var database = StorageFeature.Open(options, directory.FullPath, NullLoggerFactory.Instance, patient: true);
            await using var secrets = await OperatorSecrets.OpenAsync();
            var export = new ExportedFiles(source.FullName, work);
            await export.OpenAsync(cancellationToken);
            await using var from = await OpenAsync(export.Database);

            // A look before anything is moved; the one that counts is inside the transaction.
            await database.InTransactionAsync(tx => CheckAsync(tx, new TableCopy(from, tx)));
            var own = OwnSecrets(secrets, export);
            var files = await export.StoreAsync(settings.BindArtifacts(directory.FullPath), settings, cancellationToken);
            var rows = await database.InTransactionAsync(tx => CopyAsync(tx, from, (export, own), secrets));
            foreach (var (secret, bytes) in own)
            {
                SecretFiles.Write(SecretFiles.PathOf(directory.FullPath, secret.Name), bytes, overwrite: false);
            }

            return Told(rows, files);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static async Task<SqliteConnection> OpenAsync(string path)
    {
        if (!File.Exists(path))
        {
            throw new StartException("NO_EXPORT", $"The file has no {ExportCommand.DatabaseEntry}: it is no export.");
        }

        // One of an earlier version has this one's columns first.
        await Migrator.MigrateAsync(new DatabaseOptions(), path);
        var connection = new SqliteConnection($"Data Source={path};Pooling=false;Mode=ReadOnly");
        await connection.OpenAsync();
        return connection;
    }

    private static async Task CheckAsync(Tx tx, TableCopy copy)
    {
        // A server that starts now waits, and then finds accounts.
        await tx.ExecuteAsync("set local idle_in_transaction_session_timeout = 0");
        await tx.ExecuteAsync("lock table accounts in exclusive mode");
        foreach (var table in await copy.TablesAsync())
        {
            if (!await copy.IsEmptyAsync(table))
            {
                throw new StartException(
                    "DATABASE_NOT_EMPTY",
                    $"The database has rows in {table.Name} already. Import into a database that no server has used. Nothing was imported.");
            }
        }
    }

    private static async Task<IReadOnlyList<(string Table, long Rows)>> CopyAsync(
        Tx tx,
        SqliteConnection from,
        (ExportedFiles Export, IReadOnlyList<(Secret Secret, byte[] Bytes)> Own) given,
        OperatorSecrets secrets)
    {
        var (export, own) = given;
        var copy = new TableCopy(from, tx);
        await CheckAsync(tx, copy);
        var moved = new List<(string, long)>();
        foreach (var table in await copy.TablesAsync())
        {
            moved.Add((table.Name, await copy.CopyAsync(table)));
        }

        // Nobody draws at the new place yet.
        await tx.ExecuteAsync(
            "update sandbox_jobs set state = 'waiting', owner = null, leased_until = null where state = 'rendering'");
        foreach (var (secret, bytes) in own)
        {
            await secrets.Rows!.OfferAsync(tx, secret.Name, bytes, secrets.MasterKey);
            if (secrets.MasterKey is { } key && SecretFiles.Read(export.SecretPath(secret.Name + ".previous")) is { } previous)
            {
                await secrets.Rows.KeepPreviousAsync(tx, secret, previous, key);
            }
        }

        var audit = await LedgerAudit.RunAsync(tx, TimeProvider.System);
        var broken = audit.Laws.Where(law => law.Violations.Count > 0).Select(law => law.Law);
        return audit.Ok ? moved : throw new StartException(
            "AUDIT_FAILED",
            $"The ledger of the export breaks its laws ({string.Join(", ", broken)}). "
            + "Look at ./run ledger audit where it comes from. Nothing was imported.");
    }

    // What the export signed with has to be what is signed with here.
    private static List<(Secret Secret, byte[] Bytes)> OwnSecrets(OperatorSecrets secrets, ExportedFiles export)
    {
        var own = new List<(Secret, byte[])>();
        foreach (var secret in secrets.All)
        {
            if (SecretFiles.Read(export.SecretPath(secret.Name)) is not { } bytes)
            {
                continue;
            }

            var path = SecretFiles.PathOf(secrets.DataDirectory, secret.Name);
            if (SecretFiles.Read(path) is { } there && !there.AsSpan().SequenceEqual(bytes))
            {
                throw new StartException("SECRETS_DIFFER", $"{path} is not the export's. Move it away. Nothing was imported.");
            }

            own.Add((secret, bytes));
        }

        return own;
    }

    private static Answer Told(IReadOnlyList<(string Table, long Rows)> rows, StoredExport files)
    {
        var tables = new JsonObject();
        foreach (var (table, count) in rows)
        {
            tables[table] = count;
        }

        return new Answer(
            new JsonObject
            {
                ["rows"] = tables,
                ["place"] = files.Place,
                ["files"] = files.Stored,
                ["alreadyThere"] = files.Present,
            },
            console =>
            {
                foreach (var (table, count) in rows.Where(row => row.Rows > 0))
                {
                    console.Profile.Out.Writer.WriteLine($"{table,-20} {count,12}");
                }

                console.Profile.Out.Writer.WriteLine(
                    $"Counts, sums and the ledger audit agree. {files.Stored} files went to {files.Words}, {files.Present} were there.");
            });
    }
}
