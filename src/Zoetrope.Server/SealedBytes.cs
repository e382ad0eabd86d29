using System.Security.Cryptography;
using System.Text;

namespace Zoetrope.Server;

/// <summary>
/// Bytes that only who has the key can read: AES-256-GCM, bound to what they are for, so that they cannot stand for anything else.
/// </summary>
internal static class SealedBytes
{
    private static readonly int NonceBytes = AesGcm.NonceByteSizes.MaxSize;
    private static readonly int TagBytes = AesGcm.TagByteSizes.MaxSize;

    public static byte[] Seal(byte[] key, string purpose, ReadOnlySpan<byte> plain)
    {
        var whole = new byte[NonceBytes + TagBytes + plain.Length];
        RandomNumberGenerator.Fill(whole.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(
            whole.AsSpan(0, NonceBytes),
            plain,
            whole.AsSpan(NonceBytes + TagBytes),
            whole.AsSpan(NonceBytes, TagBytes),
            Encoding.UTF8.GetBytes(purpose));
        return whole;
    }

    /// <summary>Null where they were sealed with another key or for another purpose, or were changed.</summary>
    public static byte[]? Open(byte[] key, string purpose, ReadOnlySpan<byte> whole)
    {
        var plain = new byte[Math.Max(0, whole.Length - NonceBytes - TagBytes)];
        if (plain.Length == 0)
        {
            return null;
        }

        using var aes = new AesGcm(key, TagBytes);
        try
        {
            aes.Decrypt(
                whole[..NonceBytes],
                whole[(NonceBytes + TagBytes)..],
                whole.Slice(NonceBytes, TagBytes),
                plain,
                Encoding.UTF8.GetBytes(purpose));
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
