using System.Security.Cryptography;
using System.Text;

namespace Zoetrope.Server.Operator;

/// <summary>The secret of the Admin door: configured, or made once and kept in a file only its owner can read.</summary>
internal sealed class OperatorKey
{
    public const int MinLength = 24;

    /// <summary>Nothing is signed with it, so nothing of it outlives it.</summary>
    public static readonly Secret Secret = new("admin", Make, Overlap: null);

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private readonly string? _dataDirectory;
    private byte[] _hash;

    public OperatorKey(string key) => _hash = Hash(Checked(key));

    private OperatorKey(string key, string dataDirectory)
        : this(key) => _dataDirectory = dataDirectory;

    public static string PathOf(string dataDirectory) => SecretFiles.PathOf(dataDirectory, Secret.Name);

    /// <summary>The configured key, else the one of the file, which is made if it is not there.</summary>
    public static OperatorKey Load(AdminOptions options, string dataDirectory) =>
        options.Key.Length > 0 ? new(options.Key) : new(ReadOrMake(dataDirectory), dataDirectory);

    /// <summary>Reads the file again, if the key is of one.</summary>
    public void Reload()
    {
        if (_dataDirectory is not null)
        {
            Volatile.Write(ref _hash, Hash(Checked(ReadOrMake(_dataDirectory))));
        }
    }

    // Both sides are hashed first, so that neither the length nor the first difference shows in the time it takes.
    public bool Matches(string given) => CryptographicOperations.FixedTimeEquals(Hash(given), Volatile.Read(ref _hash));

    private static string ReadOrMake(string dataDirectory) =>
        Encoding.ASCII.GetString(SecretFiles.ReadOrMake(dataDirectory, Secret)).Trim();

    private static byte[] Make() => Encoding.ASCII.GetBytes($"zadm-{RandomNumberGenerator.GetString(Alphabet, 43)}\n");

    private static string Checked(string key) =>
        key.Length < MinLength || key.AsSpan().ContainsAnyExceptInRange('!', '~') || key.Contains(',')
            ? throw new InvalidOperationException(
                $"{AdminOptions.Section}:Key must be at least {MinLength} printable ASCII characters without spaces or commas.")
            : key;

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
