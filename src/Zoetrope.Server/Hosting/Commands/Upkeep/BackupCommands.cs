using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting.Commands.Upkeep;

/// <summary>
/// <c>backup</c>, while the server runs, and <c>restore</c>, while it does not. The database is copied first: a file without a row is
/// deleted later, but a row without a file is a lost result.
/// </summary>
internal static class BackupCommands
{
    private const string DatabaseFile = "zoetrope.db";

    // What is of a running server alone, copies of what is in the bucket, and the log.
    private static readonly string[] LeftOut =
        [DatabaseFile, DatabaseFile + "-wal", DatabaseFile + "-shm", DatabaseFile + ".migrate", "server.lock", "tmp", "cache", "logs"];

    public static Command Backup()
    {
        var target = new Argument<DirectoryInfo>("directory") { Description = "Where to; a later backup into it copies only what is new" };
        var filesOnly = new Option<bool>("--files-only") { Description = "Not the database: with PostgreSQL, after pg_dump" };
        return new Command(
            "backup", "Copy the database and the files while the server runs") { target, filesOnly }.Answering((parsed, _) =>
        {
            var host = HostSettings.FromEnvironment();
            var source = Existing(host.DataDirectory);
            var directory = parsed.GetRequiredValue(target).FullName;
            if (IsInside(directory, source))
            {
                throw new StartException("USAGE", $"{directory} is inside the data directory. Choose another place.", StartException.BadSettings);
            }

            var isPostgres = Settings.Load(host).Bind<DatabaseOptions>("Database").ConnectionString.Length > 0;
            if (isPostgres && !parsed.GetValue(filesOnly))
            {
                throw new StartException(
                    "DATABASE_NOT_COPIED",
                    $"The database is PostgreSQL. First run pg_dump --format=custom --file={Path.Combine(directory, "zoetrope.dump")} "
                    + "with its connection, then ./run backup again with --files-only.");
            }

            DataDirectory.Create(directory);
            if (!isPostgres && !parsed.GetValue(filesOnly))
            {
                CopyDatabase(StorageFeature.SqlitePath(source), Path.Combine(directory, DatabaseFile));
            }

            return Task.FromResult(Copied(directory, CopyNew(source, directory)));
        });
    }

    public static Command Restore()
    {
        var from = new Argument<DirectoryInfo>("directory") { Description = "A backup" };
        return new Command(
            "restore", "Put a backup into an empty data directory, while no server runs on it") { from }.Answering((parsed, _) =>
        {
            var host = HostSettings.FromEnvironment();
            var source = Existing(parsed.GetRequiredValue(from).FullName);
            var backup = Path.Combine(source, DatabaseFile);
            var isPostgres = Settings.Load(host).Bind<DatabaseOptions>("Database").ConnectionString.Length > 0;
            using var directory = DataDirectory.Open(host.DataDirectory);
            var target = directory.FullPath;
            if (Directory.EnumerateFileSystemEntries(target).Select(Path.GetFileName).Any(name => name is not ("server.lock" or "zoetrope.json")))
            {
                throw new StartException(
                    "DATA_DIRECTORY_NOT_EMPTY", $"{target} is not empty. Move it away, or name another directory with ZOETROPE_DATA.");
            }

            if (!isPostgres)
            {
                if (!File.Exists(backup))
                {
                    throw new StartException("NO_BACKUP", $"{source} has no {DatabaseFile}.");
                }

                CopyDatabase(backup, StorageFeature.SqlitePath(target));
            }

            return Task.FromResult(Copied(target, CopyNew(source, target)));
        });
    }

    private static Answer Copied(string directory, (long Files, long Bytes) copied) => new(
        new JsonObject { ["directory"] = directory, ["files"] = copied.Files, ["bytes"] = copied.Bytes },
        console => console.Profile.Out.Writer.WriteLine($"{directory}: {copied.Files} new files, {copied.Bytes / 1_000_000.0:0.0} MB"));

    private static string Existing(string path) => Directory.Exists(path)
        ? Path.GetFullPath(path)
        : throw new StartException("NO_DIRECTORY", $"{path} is not a directory.");

    private static bool IsInside(string path, string directory) =>
        (Path.GetFullPath(path) + Path.DirectorySeparatorChar).StartsWith(
            directory.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    // SQLite's own online copy: a whole snapshot, whatever is written meanwhile. It replaces the old copy only once it is good.
    public static void CopyDatabase(string source, string target)
    {
        if (!File.Exists(source))
        {
            throw new StartException("NO_DATABASE", $"{source} does not exist: no server has run on this data directory.");
        }

        var unfinished = target + ".new";
        File.Delete(unfinished);
        using (var from = Open(source, SqliteOpenMode.ReadOnly))
        using (var to = Open(unfinished, SqliteOpenMode.ReadWriteCreate))
        {
            from.BackupDatabase(to);
            if (Ask(to, "pragma quick_check(1)") is var word && word != "ok")
            {
                throw new StartException("DATABASE_BROKEN", $"The copy of {source} is not sound: {word}");
            }

            // One file, without a write-ahead log beside it.
            Ask(to, "pragma journal_mode = delete");
        }

        File.Move(unfinished, target, overwrite: true);
    }

    private static string? Ask(SqliteConnection connection, string pragma)
    {
        using var command = connection.CreateCommand();
        command.CommandText = pragma;
        return command.ExecuteScalar() as string;
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    // Stored files never change: one of the same name and length is there already. Secrets and settings are copied each time.
    private static (long Files, long Bytes) CopyNew(string source, string target)
    {
        var (files, bytes) = (0L, 0L);
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (var file in new DirectoryInfo(source).EnumerateFiles("*", options))
        {
            var name = Path.GetRelativePath(source, file.FullName);
            if (LeftOut.Contains(name.Split(Path.DirectorySeparatorChar)[0]))
            {
                continue;
            }

            var copy = new FileInfo(Path.Combine(target, name));
            if (copy.Exists && copy.Length == file.Length && copy.LastWriteTimeUtc >= file.LastWriteTimeUtc)
            {
                continue;
            }

            try
            {
                DataDirectory.Create(copy.DirectoryName!);
                file.CopyTo(copy.FullName, overwrite: true);
                (files, bytes) = (files + 1, bytes + file.Length);
            }
            catch (FileNotFoundException)
            {
                // Retention was quicker.
            }
        }

        return (files, bytes);
    }
}
