using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Doors.OAuth;
using Zoetrope.Server.Events;
using Zoetrope.Server.Operator;
using Zoetrope.Server.People;

namespace Zoetrope.Server.Hosting.Cluster;

/// <summary>
/// Sees to it that the nodes of one database have the same secrets. With a master key they lie sealed in the database, and a node's
/// files are its copy of them: the first node gives, the others take. Without one the database knows only fingerprints, and a node
/// with other secrets does not start.
/// </summary>
internal sealed class SharedSecrets(SecretRows rows, byte[]? masterKey, string dataDirectory)
{
    /// <summary>Those that every node must share.</summary>
    /// <param name="oauth">How long tokens live.</param>
    /// <param name="hasAdminKey">The operator's key is a setting, not a secret of ours.</param>
    public static IReadOnlyList<Secret> All(OAuthOptions oauth, bool hasAdminKey)
    {
        List<Secret> all =
        [
            SigningKeys.Secret, WebhookKeys.Root, PeopleKeys.Root, OAuthKeys.Secret(oauth.RefreshTokenLifetime), SiloCertificate.Secret,
        ];
        if (!hasAdminKey)
        {
            all.Add(OperatorKey.Secret);
        }

        return all;
    }

    /// <summary>Those of a server with these settings.</summary>
    /// <param name="settings">All of them.</param>
    /// <param name="hasNodes">With SQLite there is nobody to show the certificate to.</param>
    public static IReadOnlyList<Secret> Of(Settings settings, bool hasNodes)
    {
        var all = All(settings.Bind<OAuthOptions>("OAuth"), settings.Bind<AdminOptions>("Admin").Key.Length > 0);
        return hasNodes ? all : [.. all.Where(static secret => secret != SiloCertificate.Secret)];
    }

    /// <summary>Agrees with the other nodes, or refuses.</summary>
    public async Task AgreeAsync(IReadOnlyList<Secret> secrets)
    {
        foreach (var secret in secrets)
        {
            await AgreeAsync(secret);
        }
    }

    /// <summary>Takes over what has changed in the database; returns the names of those.</summary>
    public async Task FollowAsync(IReadOnlyList<Secret> secrets)
    {
        if (masterKey is null)
        {
            return;
        }

        foreach (var secret in secrets)
        {
            await rows.AdvanceAsync(secret);
            if (await rows.FindAsync(secret.Name) is { Sealed: not null } row)
            {
                Copy(secret.Name, row, Open(secret.Name, row.Sealed)!);
            }
        }
    }

    private async Task AgreeAsync(Secret secret)
    {
        var path = SecretFiles.PathOf(dataDirectory, secret.Name);
        var own = SecretFiles.Read(path);
        await rows.AdvanceAsync(secret);
        var row = await rows.FindAsync(secret.Name);
        if (row is null)
        {
            var isNew = own is null;
            own ??= SecretFiles.ReadOrMake(dataDirectory, secret);
            await rows.OfferAsync(secret.Name, own, masterKey);
            row = (await rows.FindAsync(secret.Name))!;
            if (isNew && row.Print != SecretRows.PrintOf(own))
            {
                // Another node that starts now was quicker, and nothing was signed with this one yet.
                File.Delete(path);
                own = null;
            }
        }

        if (row.Sealed is null)
        {
            // Only its fingerprint is known here; the secret itself is on the nodes.
            if (own is null || SecretRows.PrintOf(own) != row.Print)
            {
                throw Differ(secret.Name);
            }

            if (masterKey is not null)
            {
                // The one node that had it so far now shares it.
                await rows.SealAsync(secret.Name, own, masterKey);
            }

            return;
        }

        var current = Open(secret.Name, row.Sealed);
        if (own is not null && SecretRows.PrintOf(own) != row.Print && !IsPrevious(secret.Name, row, own))
        {
            throw Differ(secret.Name);
        }

        Copy(secret.Name, row, current);
    }

    // This node was away while it was changed.
    private bool IsPrevious(string name, SecretRow row, byte[] own) =>
        row.PreviousSealed is not null && Open(name, row.PreviousSealed).AsSpan().SequenceEqual(own);

    // The files become what the row says.
    private void Copy(string name, SecretRow row, byte[] current)
    {
        Put(SecretFiles.NextOf(dataDirectory, name), row.NextSealed is null ? null : Open(name, row.NextSealed));
        Put(SecretFiles.PreviousOf(dataDirectory, name), row.PreviousSealed is null ? null : Open(name, row.PreviousSealed));
        Put(SecretFiles.PathOf(dataDirectory, name), current);
    }

    private static void Put(string path, byte[]? secret)
    {
        var there = SecretFiles.Read(path);
        if (secret is null && there is not null)
        {
            File.Delete(path);
        }
        else if (secret is not null && (there is null || !there.AsSpan().SequenceEqual(secret)))
        {
            SecretFiles.Write(path, secret, overwrite: true);
        }
    }

    private byte[] Open(string name, byte[] whole) => masterKey is null
        ? throw new StartException(
            "MASTER_KEY_MISSING",
            "The secrets of this database are sealed. Set Zoetrope__Secrets__MasterKey to the key that the other nodes have.",
            StartException.BadSettings)
        : SecretRows.Open(masterKey, name, whole);

    private StartException Differ(string name) => new(
        "SECRETS_DIFFER",
        masterKey is null
            ? $"This node has no {name}.key like the other nodes of its database, which would refuse what it signs. Set the same "
                + "Zoetrope__Secrets__MasterKey on every node, or copy their secrets directory."
            : $"{SecretFiles.PathOf(dataDirectory, name)} is not the secret of this database. Move it away to take the database's.",
        StartException.BadSettings);
}
