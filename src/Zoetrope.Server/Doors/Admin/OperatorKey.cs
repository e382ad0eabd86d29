using System.Security.Cryptography;
using System.Text;

namespace Zoetrope.Server.Doors.Admin;

/// <summary>The secret of the Admin door: configured, or made once and kept in a file only its owner can read.</summary>
internal sealed class OperatorKey
{
    public const int MinLength = 24;

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private readonly byte[] _hash;

    public OperatorKey(string key)
    {
        if (key.Length < MinLength || key.AsSpan().ContainsAnyExceptInRange('!', '~') || key.Contains(','))
        {
            throw new InvalidOperationException($"{AdminOptions.Section}:Key must be at least {MinLength} printable ASCII characters without spaces or commas.");
        }

        _hash = Hash(key);
    }

    public static string PathOf(string dataDirectory) => Path.Combine(dataDirectory, "secrets", "admin.key");

    /// <summary>The configured key, else the one of the file, which is made if it is not there.</summary>
    public static OperatorKey Load(AdminOptions options, string dataDirectory) =>
        new(options.Key.Length > 0 ? options.Key : ReadOrCreate(PathOf(dataDirectory)));

    // Both sides are hashed first, so that neither the length nor the first difference shows in the time it takes.
    public bool Matches(string given) => CryptographicOperations.FixedTimeEquals(Hash(given), _hash);

    private static string ReadOrCreate(string path)
    {
        if (File.Exists(path))
        {
            return File.ReadAllText(path).Trim();
        }

        var directory = Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        // Written whole under another name first: a second process, or a crash, never meets half a key.
        var draft = $"{path}.{RandomNumberGenerator.GetHexString(16)}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new StreamWriter(draft, Encoding.ASCII, options))
        {
            file.Write($"zadm-{RandomNumberGenerator.GetString(Alphabet, 43)}\n");
        }

        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first; its key counts.
            File.Delete(draft);
        }

        return File.ReadAllText(path).Trim();
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
