using System.Buffers.Binary;
using Zoetrope.Server.Artifacts.Media;

namespace Zoetrope.Server.Artifacts.Provenance;

/// <summary>
/// MP4 and MOV: Adobe's XMP <c>uuid</c> box after everything else. Nothing before it moves, so sample offsets and a
/// leading <c>moov</c> stay valid and a video of any size is labelled by one append.
/// </summary>
internal static class Mp4Label
{
    private static readonly byte[] XmpId = Convert.FromHexString("BE7ACFCB97A942E89C71999491E3AFAC");
    private static readonly byte[] C2paId = Convert.FromHexString("D8FEC3D61B0E483C92975828877EC481");

    public static LabelPlan Plan(HeaderReader reader, bool isSandbox)
    {
        var splices = new List<Splice>();
        byte[] text = [];
        IsoBox last = default;
        foreach (var box in IsoMedia.TopLevel(reader))
        {
            last = box;
            if (box.Type != "uuid")
            {
                continue;
            }

            var id = reader.ReadUpTo(box.Body, 16);
            if (id.SequenceEqual(C2paId))
            {
                return LabelPlan.Untouched;
            }

            // The old packet's place becomes free space; its content moves into the new one.
            if (id.SequenceEqual(XmpId) && text.Length == 0 && box.End - box.Body - 16 <= Xmp.MaxBytes)
            {
                text = reader.ReadUpTo(box.Body + 16, (int)(box.End - box.Body - 16));
                splices.Add(new Splice(box.Start + 4, 4, "free"u8.ToArray()));
            }
        }

        if (last.End != reader.Length || last.Type is null || Xmp.Packet(text, isSandbox) is not { } packet)
        {
            return LabelPlan.Kept(text);
        }

        if (!CloseOpenEnd(reader, last, splices))
        {
            return LabelPlan.None;
        }

        // A fragmented file's random-access index is found from the end of the file, so it stays last.
        splices.Add(new Splice(last.Type == "mfra" ? last.Start : reader.Length, 0, Box(packet)));
        return LabelPlan.Write(splices);
    }

    // Size 0 means "to the end of the file" and would swallow what is appended.
    private static bool CloseOpenEnd(HeaderReader reader, IsoBox last, List<Splice> splices)
    {
        if (!reader.U32(last.Start, out var size) || size != 0)
        {
            return true;
        }

        if (last.End - last.Start > uint.MaxValue)
        {
            return false;
        }

        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)(last.End - last.Start));
        splices.Add(new Splice(last.Start, 4, bytes));
        return true;
    }

    private static byte[] Box(byte[] packet)
    {
        byte[] box = [0, 0, 0, 0, .. "uuid"u8, .. XmpId, .. packet];
        BinaryPrimitives.WriteInt32BigEndian(box, box.Length);
        return box;
    }
}
