using System.Security.Cryptography;

namespace Zoetrope.Server.Artifacts;

/// <summary>
/// The keys of signed URLs: <c>secrets/url-signing.key</c> signs, and during a rotation
/// <c>secrets/url-signing.previous.key</c> still verifies what it signed.
/// </summary>
internal sealed class SigningKeys
{
    private const int KeyBytes = 32;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string _current;
    private readonly string _previous;
    private byte[][] _keys;

    public SigningKeys(ArtifactOptions options)
    {
        var directory = Path.Combine(Path.GetFullPath(options.DataDirectory), "secrets");
        Directory.CreateDirectory(directory);
        _current = Path.Combine(directory, "url-signing.key");
        _previous = Path.Combine(directory, "url-signing.previous.key");
        if (!File.Exists(_current))
        {
            Create(_current, overwrite: false);
        }

        _keys = Load();
    }

    public byte[] Current => _keys[0];

    /// <summary>Keys that verify, the current one first.</summary>
    public IReadOnlyList<byte[]> Accepted => _keys;

    /// <summary>Signs with a new key from now on; URLs signed before stay valid until the next rotation.</summary>
    public void Rotate()
    {
        Write(_previous, Current, overwrite: true);
        Create(_current, overwrite: true);
        _keys = Load();
    }

    private byte[][] Load()
    {
        var keys = new[] { _current, _previous }.Where(File.Exists).Select(File.ReadAllBytes).ToArray();
        return keys.All(key => key.Length == KeyBytes)
            ? keys
            : throw new InvalidDataException($"A URL signing key under {Path.GetDirectoryName(_current)} is not {KeyBytes} bytes long.");
    }

    private static void Create(string path, bool overwrite) => Write(path, RandomNumberGenerator.GetBytes(KeyBytes), overwrite);

    // Two processes may start at once; whichever publishes first decides and the other reads that key.
    private static void Write(string path, byte[] key, bool overwrite)
    {
        var draft = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var file = new FileStream(draft, options))
        {
            file.Write(key);
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
}
