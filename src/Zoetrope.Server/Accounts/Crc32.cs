namespace Zoetrope.Server.Accounts;

/// <summary>CRC-32 (IEEE 802.3, as in zip) of ASCII text: any single wrong character changes it.</summary>
internal static class Crc32
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(static value => Step((uint)value))];

    public static uint Of(ReadOnlySpan<char> text)
    {
        var crc = uint.MaxValue;
        foreach (var character in text)
        {
            crc = Table[(byte)(crc ^ character)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint Step(uint value)
    {
        for (var bit = 0; bit < 8; bit++)
        {
            value = (value & 1) == 0 ? value >> 1 : 0xEDB88320 ^ (value >> 1);
        }

        return value;
    }
}
