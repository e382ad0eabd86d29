using System.Security.Cryptography;

namespace Zoetrope.Server;

/// <summary>One of the secrets that all nodes of a database share.</summary>
/// <param name="Name">What operators call it.</param>
/// <param name="Make">A new one.</param>
/// <param name="Overlap">
/// How long what it signed may live, and so how long it is accepted after its successor signs; null where nothing of it may outlive it.
/// </param>
internal sealed record Secret(string Name, Func<byte[]> Make, TimeSpan? Overlap);

/// <summary>Whoever holds a secret in memory reads it again when its files have changed.</summary>
internal sealed record SecretHolder(string Name, Action Reload);

/// <summary>
/// Secrets as files of this server, for their owner alone: <c>secrets/NAME.key</c> signs. While it is being changed
/// <c>NAME.next.key</c> is accepted already, and <c>NAME.previous.key</c> still.
/// </summary>
internal static class SecretFiles
{
    private const string Extension = ".key";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>What its file is called, and its row where it has one.</summary>
    public static string FileNameOf(string name) => name + Extension;

    /// <summary>The secret of such a file or row.</summary>
    public static string SecretOf(string fileName) => fileName[..^Extension.Length];

    public static string DirectoryOf(string dataDirectory) => Path.Combine(Path.GetFullPath(dataDirectory), "secrets");

    public static string PathOf(string dataDirectory, string name) => Path.Combine(DirectoryOf(dataDirectory), FileNameOf(name));

    public static string NextOf(string dataDirectory, string name) => PathOf(dataDirectory, name + ".next");

    public static string PreviousOf(string dataDirectory, string name) => PathOf(dataDirectory, name + ".previous");

    /// <summary>Until when what the predecessor signed is accepted; null where there is none. Its file is as old as the change.</summary>
    public static DateTimeOffset? PreviousUntil(string dataDirectory, Secret secret) =>
        new FileInfo(PreviousOf(dataDirectory, secret.Name)) is { Exists: true } previous
            ? new DateTimeOffset(previous.LastWriteTimeUtc) + (secret.Overlap ?? default)
            : null;

    /// <summary>Null where there is none; an empty file is what a crash left.</summary>
    public static byte[]? Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path) is { Length: > 0 } secret ? secret : null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public static byte[] ReadOrMake(string dataDirectory, Secret secret)
    {
        var path = PathOf(dataDirectory, secret.Name);
        if (Read(path) is { } known)
        {
            return known;
        }

        // Of two processes that start at once one publishes, and both read that.
        Write(path, secret.Make(), overwrite: new FileInfo(path) is { Exists: true, Length: 0 });
        return File.ReadAllBytes(path);
    }

    /// <summary>All that are accepted; the first signs.</summary>
    public static IReadOnlyList<byte[]> Accepted(string dataDirectory, Secret secret) =>
    [
        ReadOrMake(dataDirectory, secret),
        .. FilesOf(dataDirectory, secret.Name).Skip(1),
    ];

    /// <summary>The files that are there.</summary>
    public static IEnumerable<byte[]> FilesOf(string dataDirectory, string name) =>
        new[] { PathOf(dataDirectory, name), NextOf(dataDirectory, name), PreviousOf(dataDirectory, name) }.Select(Read).OfType<byte[]>();

    /// <summary>Written beside and then given its name; one that is there stays unless overwriting.</summary>
    public static void Write(string path, ReadOnlySpan<byte> secret, bool overwrite)
    {
        var directory = Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
        }

        var draft = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var file = new FileStream(draft, options))
        {
            file.Write(secret);
        }

        try
        {
            DurableFiles.Publish(draft, path, overwrite);
        }
        catch (IOException) when (!overwrite && File.Exists(path))
        {
            File.Delete(draft);
        }
    }

    /// <summary>
    /// Signs with a new one from now on. What the old one signed is still accepted, unless it is revoked or may not outlive it.
    /// </summary>
    public static void Rotate(string dataDirectory, Secret secret, bool revoke)
    {
        var (path, previous) = (PathOf(dataDirectory, secret.Name), PreviousOf(dataDirectory, secret.Name));
        if (!revoke && secret.Overlap is not null && Read(path) is { } old)
        {
            Write(previous, old, overwrite: true);
        }
        else if (File.Exists(previous))
        {
            File.Delete(previous);
        }

        Write(path, secret.Make(), overwrite: true);
    }
}
