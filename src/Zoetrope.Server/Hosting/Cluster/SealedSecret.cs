using System.Security.Cryptography;
using System.Text;

namespace Zoetrope.Server.Hosting.Cluster;

/// <summary>
/// A secret as the database keeps it: AES-256-GCM under the master key, bound to its name, so that the database alone forges
/// nothing and a row cannot stand for another.
/// </summary>
internal static class SealedSecret
{
    private static readonly int NonceBytes = AesGcm.NonceByteSizes.MaxSize;
    private static readonly int TagBytes = AesGcm.TagByteSizes.MaxSize;

    public static byte[] Seal(byte[] masterKey, string name, ReadOnlySpan<byte> secret)
    {
        var whole = new byte[NonceBytes + TagBytes + secret.Length];
        RandomNumberGenerator.Fill(whole.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(masterKey, TagBytes);
        aes.Encrypt(
            whole.AsSpan(0, NonceBytes),
            secret,
            whole.AsSpan(NonceBytes + TagBytes),
            whole.AsSpan(NonceBytes, TagBytes),
            Encoding.UTF8.GetBytes(name));
        return whole;
    }

    /// <summary>Null where another key sealed it, or it was changed.</summary>
    public static byte[]? Open(byte[] masterKey, string name, ReadOnlySpan<byte> whole)
    {
        var secret = new byte[Math.Max(0, whole.Length - NonceBytes - TagBytes)];
        if (secret.Length == 0)
        {
            return null;
        }

        using var aes = new AesGcm(masterKey, TagBytes);
        try
        {
            aes.Decrypt(
                whole[..NonceBytes],
                whole[(NonceBytes + TagBytes)..],
                whole.Slice(NonceBytes, TagBytes),
                secret,
                Encoding.UTF8.GetBytes(name));
            return secret;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
