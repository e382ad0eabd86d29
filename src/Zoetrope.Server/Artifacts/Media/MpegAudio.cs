namespace Zoetrope.Server.Artifacts.Media;

/// <summary>MPEG-1/2 layer III frames and ADTS frames: just enough to tell length and rate.</summary>
internal static class MpegAudio
{
    private static readonly int[] BitratesV1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    private static readonly int[] BitratesV2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    private static readonly int[] RatesV1 = [44100, 48000, 32000];
    private static readonly int[] AdtsRates = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];

    /// <summary>Bytes of the frame that starts here, or 0 when none does.</summary>
    public static int FrameLength(ReadOnlySpan<byte> head) =>
        Parse(head, out var rate, out var kilobits, out var samples, out var padding)
            ? (samples / 8 * kilobits * 1000 / rate) + padding
            : 0;

    /// <summary>Seconds, exact where a Xing header counts the frames, otherwise by the first frame's bit rate.</summary>
    public static double? Mp3Seconds(HeaderReader reader)
    {
        long at = 0;
        var head = reader.ReadUpTo(0, 10);
        if (head.Length == 10 && head.AsSpan().StartsWith("ID3"u8))
        {
            at = 10 + (((head[6] & 0x7f) << 21) | ((head[7] & 0x7f) << 14) | ((head[8] & 0x7f) << 7) | (head[9] & 0x7f));
        }

        var window = reader.ReadUpTo(at, 4096);
        for (var i = 0; i + 4 <= window.Length; i++)
        {
            if (window[i] != 0xff || !Parse(window.AsSpan(i), out var rate, out var kilobits, out var samples, out _))
            {
                continue;
            }

            var frame = window.AsSpan(i, Math.Min(200, window.Length - i));
            var xing = Math.Max(frame.IndexOf("Xing"u8), frame.IndexOf("Info"u8));
            if (xing > 0 && xing + 12 <= frame.Length && (frame[xing + 7] & 1) == 1)
            {
                var frames = (uint)((frame[xing + 8] << 24) | (frame[xing + 9] << 16) | (frame[xing + 10] << 8) | frame[xing + 11]);
                return frames * (double)samples / rate;
            }

            return (reader.Length - at - i) * 8.0 / (kilobits * 1000);
        }

        return null;
    }

    /// <summary>Seconds of an ADTS stream, estimated from its first frames.</summary>
    public static double? AdtsSeconds(HeaderReader reader)
    {
        long at = 0;
        var frames = 0;
        var rate = 0;
        Span<byte> head = stackalloc byte[7];
        while (frames < 200 && reader.Read(at, head) && head[0] == 0xff && (head[1] & 0xf6) == 0xf0)
        {
            var index = (head[2] >> 2) & 0xf;
            var length = ((head[3] & 3) << 11) | (head[4] << 3) | (head[5] >> 5);
            if (index >= AdtsRates.Length || length < 7)
            {
                break;
            }

            rate = AdtsRates[index];
            at += length;
            frames++;
        }

        return frames == 0 ? null : reader.Length / ((double)at / frames) * 1024 / rate;
    }

    private static bool Parse(ReadOnlySpan<byte> head, out int rate, out int kilobits, out int samples, out int padding)
    {
        rate = kilobits = samples = padding = 0;
        if (head.Length < 4 || head[0] != 0xff || (head[1] & 0xe0) != 0xe0)
        {
            return false;
        }

        var version = (head[1] >> 3) & 3;
        var bitrate = head[2] >> 4;
        var rateIndex = (head[2] >> 2) & 3;
        if (version == 1 || ((head[1] >> 1) & 3) != 1 || bitrate is 0 or 15 || rateIndex == 3)
        {
            return false;
        }

        var first = version == 3;
        rate = RatesV1[rateIndex] / (first ? 1 : version == 2 ? 2 : 4);
        kilobits = (first ? BitratesV1 : BitratesV2)[bitrate];
        samples = first ? 1152 : 576;
        padding = (head[2] >> 1) & 1;
        return true;
    }
}
