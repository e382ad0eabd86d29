using System.Runtime.CompilerServices;

namespace Zoetrope.Server.Providers.Sandbox.Worker;

/// <summary>Between BGRA pixels and planar YUV 4:2:0 (BT.709, limited range). Three bytes less per two pixels go through the pipe.</summary>
internal static class Planar
{
    public static int Size(int width, int height) => width * height * 3 / 2;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe void FromBgra(byte* bgra, int width, int height, byte* planar)
    {
        var u = planar + (width * height);
        var v = u + (width * height / 4);
        for (var y = 0; y < height; y += 2)
        {
            var a = bgra + (y * width * 4);
            var b = a + (width * 4);
            var ya = planar + (y * width);
            var yb = ya + width;
            var uo = u + (y / 2 * (width / 2));
            var vo = v + (y / 2 * (width / 2));
            for (var x = 0; x < width; x += 2)
            {
                ya[x] = Luma(a);
                ya[x + 1] = Luma(a + 4);
                yb[x] = Luma(b);
                yb[x + 1] = Luma(b + 4);
                var blue = a[0] + a[4] + b[0] + b[4];
                var green = a[1] + a[5] + b[1] + b[5];
                var red = a[2] + a[6] + b[2] + b[6];
                *uo++ = (byte)(((112 * blue) - (87 * green) - (26 * red) + 131584) >> 10);
                *vo++ = (byte)(((112 * red) - (102 * green) - (10 * blue) + 131584) >> 10);
                a += 8;
                b += 8;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe byte Luma(byte* p) => (byte)(((16 * p[0]) + (157 * p[1]) + (47 * p[2]) + 4224) >> 8);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToBgra(ReadOnlySpan<byte> planar, int width, int height, Span<uint> bgra)
    {
        var luma = width * height;
        for (var y = 0; y < height; y++)
        {
            var chroma = luma + (y / 2 * (width / 2));
            for (var x = 0; x < width; x++)
            {
                var c = (planar[(y * width) + x] - 16) * 298;
                var d = planar[chroma + (x / 2)] - 128;
                var e = planar[chroma + (luma / 4) + (x / 2)] - 128;
                var r = Math.Clamp((c + (459 * e) + 128) >> 8, 0, 255);
                var g = Math.Clamp((c - (55 * d) - (136 * e) + 128) >> 8, 0, 255);
                var b = Math.Clamp((c + (541 * d) + 128) >> 8, 0, 255);
                bgra[(y * width) + x] = 0xFF000000u | ((uint)r << 16) | ((uint)g << 8) | (uint)b;
            }
        }
    }
}
