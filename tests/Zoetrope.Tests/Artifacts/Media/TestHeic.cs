using System.Buffers.Binary;
using System.Text;

namespace Zoetrope.Tests.Artifacts.Media;

/// <summary>
/// Writes a photo as a phone does: a HEIC file with a grid of HEVC tiles, a quarter turn and a colour profile. No program
/// of a plain machine writes one.
/// </summary>
internal static class TestHeic
{
    /// <summary>Four tiles of 64×64 in one colour each (red, green / blue, white), cut to 120×100, shown turned by the given quarter turns against the clock.</summary>
    public static string Grid(int turns = 0, byte[]? profile = null, bool hidesTiles = true)
    {
        string[] colours = ["red", "lime", "blue", "white"];
        var tiles = colours.Select(Tile).ToList();
        byte[][] properties =
        [
            Box("hvcC", [.. new byte[21], 3, 3, .. tiles[0].Sets.SelectMany(set => (byte[])[(byte)((set[0] >> 1) & 63), 0, 1, .. U16(set.Length), .. set])]),
            Full("ispe", 0, [.. U32(64), .. U32(64)]),
            Full("ispe", 0, [.. U32(120), .. U32(100)]),
            Box("irot", [(byte)turns]),
            Box("colr", profile is null ? [.. "nclx"u8, 0, 1, 0, 13, 0, 6, 0] : [.. "prof"u8, .. profile]),
        ];
        byte[] grid = [0, 0, 1, 1, .. U16(120), .. U16(100)];

        // Two passes: offsets of tiles depend on the length of the table that holds them.
        var meta = Meta(tiles, properties, grid, hidesTiles, 0);
        byte[] head = Box("ftyp", [.. "heic"u8, .. U32(0), .. "mif1"u8, .. "heic"u8]);
        meta = Meta(tiles, properties, grid, hidesTiles, head.Length + meta.Length + 8);
        var path = TestMedia.NewPath(".heic");
        File.WriteAllBytes(path, [.. head, .. meta, .. Box("mdat", [.. tiles.SelectMany(tile => tile.Sample)])]);
        return path;
    }

    private static byte[] Meta(List<(List<byte[]> Sets, byte[] Sample)> tiles, byte[][] properties, byte[] grid, bool hidesTiles, int media)
    {
        var items = Enumerable.Range(1, tiles.Count + 1).ToList();
        var whole = tiles.Count + 1;
        var at = media;
        byte[] Location(int id)
        {
            var size = id == whole ? grid.Length : tiles[id - 1].Sample.Length;
            byte[] entry = [.. U16(id), 0, (byte)(id == whole ? 1 : 0), 0, 0, 0, 1, .. U32(id == whole ? 0 : at), .. U32(size)];
            at += id == whole ? 0 : size;
            return entry;
        }

        return Full("meta", 0,
        [
            .. Full("hdlr", 0, [.. U32(0), .. "pict"u8, .. new byte[13]]),
            .. Full("pitm", 0, U16(whole)),
            .. Full("iinf", 0, [.. U16(items.Count), .. items.SelectMany(id => Box("infe", [2, 0, 0, (byte)(hidesTiles && id != whole ? 1 : 0), .. U16(id), 0, 0, .. Encoding.ASCII.GetBytes(id == whole ? "grid" : "hvc1"), 0]))]),
            .. Full("iref", 0, Box("dimg", [.. U16(whole), .. U16(tiles.Count), .. items.Take(tiles.Count).SelectMany(id => U16(id))])),
            .. Box("iprp",
            [
                .. Box("ipco", [.. properties.SelectMany(property => property)]),
                .. Full("ipma", 0, [.. U32(items.Count), .. items.SelectMany(id => (byte[])[.. U16(id), .. (id == whole ? (byte[])[3, 3, 0x84, 5] : [3, 0x81, 2, 5])])]),
            ]),
            .. Box("idat", grid),
            .. Full("iloc", 1, [0x44, 0, .. U16(items.Count), .. items.SelectMany(Location)]),
        ]);
    }

    private static (List<byte[]> Sets, byte[] Sample) Tile(string colour)
    {
        var path = TestMedia.NewPath(".hevc");
        TestMedia.Run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", $"color={colour}:s=64x64,format=yuv420p", "-frames:v", "1", "-c:v", "libx265", "-x265-params", "log-level=none:info=0", "-f", "hevc", path);
        var units = Units(File.ReadAllBytes(path)).ToList();
        File.Delete(path);
        return (
            [.. units.Where(unit => ((unit[0] >> 1) & 63) is 32 or 33 or 34)],
            [.. units.Where(unit => ((unit[0] >> 1) & 63) < 32).SelectMany(unit => (byte[])[.. U32(unit.Length), .. unit])]);
    }

    public static IEnumerable<byte[]> Units(byte[] stream)
    {
        var starts = Enumerable.Range(0, stream.Length - 2).Where(at => stream[at] == 0 && stream[at + 1] == 0 && stream[at + 2] == 1).Select(at => at + 3).ToList();
        for (var i = 0; i < starts.Count; i++)
        {
            var end = i + 1 < starts.Count ? starts[i + 1] - 3 : stream.Length;
            yield return stream[starts[i]..(end > 0 && stream[end - 1] == 0 ? end - 1 : end)];
        }
    }

    public static byte[] Full(string type, byte version, byte[] body) => Box(type, [version, 0, 0, 0, .. body]);

    public static byte[] Box(string type, byte[] body) => [.. U32(body.Length + 8), .. Encoding.ASCII.GetBytes(type), .. body];

    public static byte[] U16(int value) => [(byte)(value >> 8), (byte)value];

    public static byte[] U32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
