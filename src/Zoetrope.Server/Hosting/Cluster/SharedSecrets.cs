using System.Security.Cryptography;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Doors.OAuth;
using Zoetrope.Server.Events;
using Zoetrope.Server.Operator;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting.Cluster;

/// <summary>
/// Sees to it that the nodes of one database have the same secrets. With a master key they lie sealed in the database, and a node's
/// files are its copy of them: the first node gives, the others take. Without one the database knows only fingerprints, and a node
/// with other secrets does not start.
/// </summary>
internal sealed class SharedSecrets(Database database, byte[]? masterKey, string dataDirectory, TimeProvider time)
{
    private readonly string _directory = Path.Combine(Path.GetFullPath(dataDirectory), "secrets");

    /// <param name="names">The files under <c>secrets</c>, and how one is made that nobody has.</param>
    public async Task AgreeAsync(IReadOnlyList<(string Name, Action Make)> names)
    {
        foreach (var (name, make) in names)
        {
            await AgreeAsync(name, make);
        }
    }

    /// <summary>Those that every node must share.</summary>
    /// <param name="dataDirectory">Where they are made.</param>
    /// <param name="options">Where results are kept.</param>
    /// <param name="hasAdminKey">The operator's key is a setting, not a secret of ours.</param>
    public static IReadOnlyList<(string Name, Action Make)> All(string dataDirectory, ArtifactOptions options, bool hasAdminKey)
    {
        var all = new List<(string, Action)>
        {
            ("url-signing.key", () => _ = new SigningKeys(options)),
            ("webhooks.key", () => _ = new WebhookKeys(dataDirectory)),
            ("oauth.key", () => new OAuthKeys(dataDirectory).Dispose()),
        };
        if (!hasAdminKey)
        {
            all.Add(("admin.key", () => _ = OperatorKey.Load(new AdminOptions(), dataDirectory)));
        }

        return all;
    }

    private async Task AgreeAsync(string name, Action make)
    {
        var file = Path.Combine(_directory, name);
        var row = await FindAsync(name);
        if (row is null)
        {
            var isNew = !File.Exists(file);
            if (isNew)
            {
                make();
            }

            var own = await File.ReadAllBytesAsync(file);
            await OfferAsync(name, own);
            row = (await FindAsync(name))!;
            if (isNew && row.Print != PrintOf(own))
            {
                // Another node that starts now was quicker, and nothing was signed with this one yet.
                File.Delete(file);
            }
        }

        if (row.Sealed is not null && masterKey is not null)
        {
            var secret = SealedBytes.Open(masterKey, name, row.Sealed) ?? throw new StartException(
                "MASTER_KEY_WRONG",
                "The secrets of this database were sealed with another key than Zoetrope__Secrets__MasterKey. Set the one that "
                + "the other nodes have.",
                StartException.BadSettings);
            if (!File.Exists(file))
            {
                Write(file, secret);
            }
        }

        if (row.Sealed is not null && masterKey is null)
        {
            throw new StartException(
                "MASTER_KEY_MISSING",
                "The secrets of this database are sealed. Set Zoetrope__Secrets__MasterKey to the key that the other nodes have.",
                StartException.BadSettings);
        }

        if (!File.Exists(file))
        {
            // Only its fingerprint is known here; the secret itself is on another node.
            throw Differ(name);
        }

        if (PrintOf(await File.ReadAllBytesAsync(file)) != row.Print)
        {
            throw Differ(name);
        }

        if (row.Sealed is null && masterKey is not null)
        {
            // The one node that had it so far now shares it.
            await SealAsync(name, await File.ReadAllBytesAsync(file));
        }
    }

    private StartException Differ(string name) => new(
        "SECRETS_DIFFER",
        masterKey is null
            ? $"This node has no {name} like the other nodes of its database, and would sign what they refuse. Set the same "
                + "Zoetrope__Secrets__MasterKey on every node, or copy their secrets directory."
            : $"{Path.Combine(_directory, name)} is not the secret of this database. Move it away to take the database's.",
        StartException.BadSettings);

    private Task<SecretRow?> FindAsync(string name) => database.ReadAsync(async session => await session.FirstOrDefaultAsync<SecretRow>(
        "select sealed, print from secrets where name = @name", new { name })).AsTask();

    private Task OfferAsync(string name, byte[] secret) => database.InTransactionAsync(tx => tx.ExecuteAsync(
        "insert into secrets (name, sealed, print, created_at) values (@name, @whole, @print, @now) on conflict do nothing",
        new
        {
            name,
            whole = masterKey is null ? null : SealedBytes.Seal(masterKey, name, secret),
            print = PrintOf(secret),
            now = time.GetUtcNow().ToUnixTimeMilliseconds(),
        }));

    private Task SealAsync(string name, byte[] secret) => database.InTransactionAsync(tx => tx.ExecuteAsync(
        "update secrets set sealed = @whole where name = @name and sealed is null",
        new { name, whole = SealedBytes.Seal(masterKey!, name, secret) }));

    // Of random bytes: nobody finds them by trying.
    private static string PrintOf(byte[] secret) => Convert.ToHexStringLower(SHA256.HashData(secret));

    private void Write(string file, byte[] secret)
    {
        const UnixFileMode Mine = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_directory);
        }
        else
        {
            Directory.CreateDirectory(_directory, Mine | UnixFileMode.UserExecute);
        }

        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Mine;
        }

        using var stream = new FileStream(file, options);
        stream.Write(secret);
        stream.Flush(flushToDisk: true);
    }

    private sealed class SecretRow
    {
        public byte[]? Sealed { get; init; }

        public string Print { get; init; } = "";
    }
}
