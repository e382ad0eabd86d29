using System.Security.Cryptography;

namespace Zoetrope.Server.People;

/// <summary>
/// What seals the secrets of authenticator apps in the database, and the state of a passkey ceremony on its way through the browser.
/// </summary>
internal sealed class PeopleKeys
{
    /// <summary>
    /// An app's secret that its predecessor sealed is sealed again when a code of it is used; whoever does not sign in for so long
    /// needs a recovery code.
    /// </summary>
    public static readonly Secret Root = new("people", static () => RandomNumberGenerator.GetBytes(32), TimeSpan.FromDays(90));

    private readonly string _dataDirectory;
    private IReadOnlyList<byte[]> _keys;

    public PeopleKeys(string dataDirectory)
    {
        _dataDirectory = dataDirectory;
        _keys = SecretFiles.Accepted(dataDirectory, Root);
    }

    public void Reload() => Volatile.Write(ref _keys, SecretFiles.Accepted(_dataDirectory, Root));

    public byte[] Seal(string purpose, ReadOnlySpan<byte> plain) => SealedBytes.Seal(Volatile.Read(ref _keys)[0], purpose, plain);

    public byte[]? Open(string purpose, ReadOnlySpan<byte> whole)
    {
        foreach (var key in Volatile.Read(ref _keys))
        {
            if (SealedBytes.Open(key, purpose, whole) is { } plain)
            {
                return plain;
            }
        }

        return null;
    }

    /// <summary>Whether the key that seals now sealed it.</summary>
    public bool IsCurrent(string purpose, ReadOnlySpan<byte> whole) =>
        SealedBytes.Open(Volatile.Read(ref _keys)[0], purpose, whole) is not null;
}
