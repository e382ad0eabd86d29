using System.CommandLine;
using System.Formats.Tar;
using System.Text.Json.Nodes;
using Zoetrope.Server.Artifacts.Stores;
using Zoetrope.Server.Hosting.Commands.Upkeep;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting.Commands.Moving;

/// <summary><c>export</c>: everything of a server with SQLite as one file, from which a server with PostgreSQL goes on.</summary>
internal static class ExportCommand
{
    public const string DatabaseEntry = "zoetrope.db";
    public const string Secrets = "secrets/";
    public const string Files = "artifacts/";

    public static Command Create()
    {
        var target = new Argument<FileInfo>("file") { Description = "The file to write: a tar archive with everything, secrets too" };
        return new Command("export", "Put a stopped server with SQLite into one file, for ./run import on PostgreSQL") { target }
            .Answering((parsed, cancellationToken) => RunAsync(parsed.GetRequiredValue(target), cancellationToken));
    }

    private static async Task<Answer> RunAsync(FileInfo target, CancellationToken cancellationToken)
    {
        var host = HostSettings.FromEnvironment();
        if (Settings.Load(host).Bind<DatabaseOptions>("Database").ConnectionString.Length > 0)
        {
            throw new StartException(
                "NOT_SQLITE", "The database is PostgreSQL already. Copy it with pg_dump, and the files with ./run backup --files-only.");
        }

        // No server runs, and none can start meanwhile.
        using var directory = DataDirectory.Open(host.DataDirectory);
        var (copy, draft) = (Path.Combine(directory.FullPath, "export.db"), target.FullName + ".part");
        var (files, bytes) = (0L, 0L);
        try
        {
            BackupCommands.CopyDatabase(StorageFeature.SqlitePath(directory.FullPath), copy);
            await using (var stream = new FileStream(draft, Private()))
            await using (var tar = new TarWriter(stream, TarEntryFormat.Pax))
            {
                await tar.WriteEntryAsync(copy, DatabaseEntry, cancellationToken);
                var secrets = Directory.CreateDirectory(SecretFiles.DirectoryOf(directory.FullPath));
                foreach (var secret in secrets.EnumerateFiles("*.key").Select(file => file.FullName))
                {
                    await tar.WriteEntryAsync(secret, Secrets + Path.GetFileName(secret), cancellationToken);
                }

                var store = new FileArtifactStore(directory.FullPath);
                await foreach (var stored in store.ListAsync(null, cancellationToken))
                {
                    var path = await store.LocalPathAsync(stored.Key, cancellationToken);
                    await tar.WriteEntryAsync(path!, Files + stored.Key, cancellationToken);
                    (files, bytes) = (files + 1, bytes + stored.Bytes);
                }
            }

            File.Move(draft, target.FullName, overwrite: true);
        }
        finally
        {
            File.Delete(copy);
            File.Delete(draft);
        }

        return new Answer(
            new JsonObject { ["file"] = target.FullName, ["files"] = files, ["bytes"] = bytes },
            console => console.Profile.Out.Writer.WriteLine(
                $"{target.FullName}: the database, the secrets and {files} files, {bytes / 1_000_000.0:0.0} MB. Whoever has it has the "
                + "server's secrets. Do not start the server here again: import the file, and start there."));
    }

    private static FileStreamOptions Private()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
