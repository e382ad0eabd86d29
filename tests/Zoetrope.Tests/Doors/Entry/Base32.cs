namespace Zoetrope.Tests.Doors.Entry;

/// <summary>What an authenticator app makes of the text that a person types into it.</summary>
internal static class Base32
{
    public static byte[] Bytes(string text)
    {
        var (bits, count, bytes) = (0, 0, new List<byte>());
        foreach (var c in text)
        {
            (bits, count) = ((bits << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), count + 5);
            if (count >= 8)
            {
                count -= 8;
                bytes.Add((byte)(bits >> count));
            }
        }

        return [.. bytes];
    }
}
