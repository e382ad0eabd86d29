using System.Security.Cryptography;
using System.Text;

namespace Zoetrope.Server.Operator;

/// <summary>The secret of the Admin door: configured, or made once and kept in a file only its owner can read.</summary>
internal sealed class OperatorKey
{
    public const int MinLength = 24;

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(10);
    private readonly byte[] _hash;

    public OperatorKey(string key)
    {
        if (key.Length < MinLength || key.AsSpan().ContainsAnyExceptInRange('!', '~') || key.Contains(','))
        {
            throw new InvalidOperationException(
                $"{AdminOptions.Section}:Key must be at least {MinLength} printable ASCII characters without spaces or commas.");
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
        var directory = Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        // Another process that starts now holds the file for a moment.
        var key = "";
        return SpinWait.SpinUntil(() => TryReadOrCreate(path, out key), LockTimeout)
            ? key
            : throw new InvalidOperationException($"{path} is locked by another process.");
    }

    // The file is its own lock, so two processes cannot both make a key; an empty one is what a crash left.
    private static bool TryReadOrCreate(string path, out string key)
    {
        key = "";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using var file = new FileStream(path, options);
            using var reader = new StreamReader(file, Encoding.ASCII);
            key = reader.ReadToEnd().Trim();
            if (key.Length == 0)
            {
                key = $"zadm-{RandomNumberGenerator.GetString(Alphabet, 43)}";
                file.SetLength(0);
                file.Write(Encoding.ASCII.GetBytes(key + "\n"));
                file.Flush(flushToDisk: true);
            }

            return true;
        }
        catch (IOException exception) when (exception is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
        {
            return false;
        }
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
