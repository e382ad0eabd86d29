using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Zoetrope.Sandbox.Rendering;

/// <summary>
/// Between BGRA pixels and planar YUV 4:2:0 (BT.709, limited range). Three bytes less per two pixels go through the pipe.
/// </summary>
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
            var x = 0;
            if (Avx2.IsSupported)
            {
                for (; x + 8 <= width; x += 8)
                {
                    Eight(a, b, ya + x, yb + x, uo, vo);
                    uo += 4;
                    vo += 4;
                    a += 32;
                    b += 32;
                }
            }

            for (; x < width; x += 2)
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

    // Eight columns of two rows; the same sums as below, so that every processor makes the same bytes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Eight(byte* a, byte* b, byte* ya, byte* yb, byte* u, byte* v)
    {
        var zero = Vector256<byte>.Zero;
        var (upper, lower) = (Vector256.Load(a), Vector256.Load(b));
        var (upperLow, upperHigh) = (Avx2.UnpackLow(upper, zero).AsInt16(), Avx2.UnpackHigh(upper, zero).AsInt16());
        var (lowerLow, lowerHigh) = (Avx2.UnpackLow(lower, zero).AsInt16(), Avx2.UnpackHigh(lower, zero).AsInt16());
        var luma = Vector256.Create(16 | (157L << 16) | (47L << 32)).AsInt16();
        var round = Vector256.Create(4224);
        var ua = (Avx2.HorizontalAdd(Avx2.MultiplyAddAdjacent(upperLow, luma), Avx2.MultiplyAddAdjacent(upperHigh, luma)) + round) >> 8;
        var la = (Avx2.HorizontalAdd(Avx2.MultiplyAddAdjacent(lowerLow, luma), Avx2.MultiplyAddAdjacent(lowerHigh, luma)) + round) >> 8;
        // Lanes hold upper 0–3, lower 0–3 | upper 4–7, lower 4–7 after packing twice.
        var lumas = Avx2.PackUnsignedSaturate(Avx2.PackSignedSaturate(ua, la), Vector256<short>.Zero).AsUInt32();
        *(uint*)ya = lumas.GetElement(0);
        *(uint*)(ya + 4) = lumas.GetElement(4);
        *(uint*)yb = lumas.GetElement(1);
        *(uint*)(yb + 4) = lumas.GetElement(5);

        var (low, high) = ((upperLow + lowerLow).AsInt64(), (upperHigh + lowerHigh).AsInt64());
        var sums = Avx2.UnpackLow(low, high).AsInt16() + Avx2.UnpackHigh(low, high).AsInt16();
        var us = Avx2.MultiplyAddAdjacent(sums, Vector256.Create((short)112, -87, -26, 0, 112, -87, -26, 0, 112, -87, -26, 0, 112, -87,
            -26, 0));
        var vs = Avx2.MultiplyAddAdjacent(sums, Vector256.Create((short)-10, -102, 112, 0, -10, -102, 112, 0, -10, -102, 112, 0, -10, -102,
            112, 0));
        var chroma = (Avx2.HorizontalAdd(us, vs) + Vector256.Create(131584)) >> 10;
        var bytes = Avx2.PackUnsignedSaturate(Avx2.PackSignedSaturate(chroma, chroma), Vector256<short>.Zero).AsUInt16();
        *(ushort*)u = bytes.GetElement(0);
        *(ushort*)(u + 2) = bytes.GetElement(8);
        *(ushort*)v = bytes.GetElement(1);
        *(ushort*)(v + 2) = bytes.GetElement(9);
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
