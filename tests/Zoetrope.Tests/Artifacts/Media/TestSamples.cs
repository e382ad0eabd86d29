namespace Zoetrope.Tests.Artifacts.Media;

/// <summary>An MP4 with a huge sample table in few bytes: all samples have the same size, which is written once.</summary>
internal static class TestSamples
{
    public static byte[] Mp4(int samples)
    {
        byte[] U32(int value) => TestHeic.U32(value);
        byte[] Box(string type, params byte[][] bodies) => TestHeic.Box(type, [.. bodies.SelectMany(static body => body)]);
        byte[] Full(string type, params byte[][] bodies) => TestHeic.Full(type, 0, [.. bodies.SelectMany(static body => body)]);
        byte[] matrix = [.. U32(0x10000), .. new byte[12], .. U32(0x10000), .. new byte[12], .. U32(0x40000000)];
        var length = samples / 50;
        byte[] entry =
        [
            .. U32(86), .. "mp4v"u8, .. new byte[6], 0, 1, .. new byte[16], 0, 64, 0, 64, .. U32(0x480000), .. U32(0x480000), .. U32(0), 0, 1,
            .. new byte[32], 0, 24, 0xff, 0xff,
        ];
        byte[] Moov(int at) => Box("moov",
            Full("mvhd", U32(0), U32(0), U32(50), U32(samples), U32(0x10000), [1, 0], new byte[10], matrix, new byte[24], U32(2)),
            Box("trak",
                Full("tkhd", U32(0), U32(0), U32(1), U32(0), U32(samples), new byte[16], matrix, U32(64 << 16), U32(64 << 16)),
                Box("mdia",
                    Full("mdhd", U32(0), U32(0), U32(50), U32(samples), U32(0)),
                    Full("hdlr", U32(0), "vide"u8.ToArray(), new byte[13]),
                    Box("minf",
                        Full("vmhd", new byte[8]),
                        Box("dinf", Full("dref", U32(1), TestHeic.Box("url ", [0, 0, 0, 1]))),
                        Box("stbl",
                            Full("stsd", U32(1), entry),
                            Full("stts", U32(1), U32(samples), U32(1)),
                            Full("stsc", U32(1), U32(1), U32(samples), U32(1)),
                            Full("stsz", U32(1), U32(samples)),
                            Full("stco", U32(1), U32(at)))))));
        Assert.True(length > 0);
        var head = Box("ftyp", "isom"u8.ToArray(), U32(0), "isom"u8.ToArray());
        var moov = Moov(head.Length + Moov(0).Length + 8);
        return [.. head, .. moov, .. Box("mdat", new byte[samples])];
    }
}
