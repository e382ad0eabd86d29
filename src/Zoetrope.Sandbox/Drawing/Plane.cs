using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SkiaSharp;

namespace Zoetrope.Sandbox.Drawing;

/// <summary>
/// Something drawn once and shown in every frame, wherever the camera puts it. Only shifting and scaling are needed,
/// which takes a fifth of the time of a general transform.
/// </summary>
internal sealed class Plane
{
    private readonly uint[] _pixels;
    private readonly (int From, int To)[] _spans;
    private readonly bool[] _opaque;
    private readonly int _width;
    private readonly int _height;
    private readonly int _solidFrom;
    private readonly uint[] _row;
    private int[] _at = [];
    private uint[] _weight = [];

    /// <param name="pixels">Premultiplied BGRA.</param>
    /// <param name="left">Where it lies in the frame while the camera rests.</param>
    /// <param name="top">Likewise.</param>
    /// <param name="depth">0 is infinitely far, 1 is near.</param>
    public Plane(SKPixmap pixels, int left, int top, float depth)
    {
        (Depth, Left, _width) = (depth, left, pixels.Width);
        var all = MemoryMarshal.Cast<byte, uint>(pixels.GetPixelSpan<byte>());
        var first = all.IndexOfAnyExcept(0u) / _width;
        var last = (all.LastIndexOfAnyExcept(0u) / _width) + 1;
        (Top, _height) = first < 0 || last <= first ? (top, 0) : (top + first, last - first);
        _pixels = _height == 0 ? [] : all.Slice(first * _width, _height * _width).ToArray();
        _row = new uint[_width + 8];
        _spans = new (int, int)[_height];
        _opaque = new bool[_height];
        for (var y = 0; y < _height; y++)
        {
            var row = _pixels.AsSpan(y * _width, _width);
            _spans[y] = (row.IndexOfAnyExcept(0u), row.LastIndexOfAnyExcept(0u) + 1);
            _opaque[y] = row.IndexOfAnyInRange(0u, 0xFEFFFFFFu) < 0;
        }

        _solidFrom = _height;
        while (_solidFrom > 0 && _opaque[_solidFrom - 1])
        {
            _solidFrom--;
        }
    }

    public float Depth { get; }

    public int Left { get; }

    public int Top { get; }

    /// <summary>The first row of the frame from which on this plane hides everything behind it.</summary>
    public int HidesFrom(in View view, int width, int height)
    {
        var whole = view.X(Left) <= 0 && view.X(Left + _width - 1) >= width && view.Y(Top + _height - 1) >= height;
        return whole ? Math.Clamp((int)MathF.Ceiling(view.Y(Top + _solidFrom)) + 1, 0, height) : height;
    }

    /// <summary>Puts the plane over the rows of the frame above <paramref name="bottom"/>.</summary>
    public unsafe void Draw(SKPixmap frame, in View view, int bottom)
    {
        if (_height == 0)
        {
            return;
        }

        var frameWidth = frame.Width;
        var (x0, x1) = Columns(view, frameWidth);
        var y0 = Math.Max(0, (int)MathF.Ceiling(view.Y(Top)));
        var y1 = Math.Min(bottom, (int)MathF.Floor(view.Y(Top + _height - 1)) + 1);
        if (x1 <= x0)
        {
            return;
        }

        fixed (uint* source = _pixels, blended = _row)
        fixed (int* at = _at)
        fixed (uint* weight = _weight)
        {
            for (var y = y0; y < y1; y++)
            {
                var sy = Math.Clamp(view.BackY(y) - Top, 0, _height - 1);
                var upper = (int)sy;
                var lower = Math.Min(upper + 1, _height - 1);
                var share = (uint)((sy - upper) * 256);
                var (from, to) = (Math.Min(_spans[upper].From, _spans[lower].From), Math.Max(_spans[upper].To, _spans[lower].To));
                var left = Math.Max(x0, (int)MathF.Floor(view.X(Left + from - 1)));
                var right = Math.Min(x1, (int)MathF.Ceiling(view.X(Left + to)) + 1);
                if (right <= left)
                {
                    continue;
                }

                var target = (uint*)frame.GetPixels() + (y * frameWidth);
                var row = source + (upper * _width);
                if (share != 0)
                {
                    var (a, b) = (at[left], Math.Min(_width, at[right - 1] + 2));
                    Lerp(row + a, source + (lower * _width) + a, share, blended + a, b - a);
                    row = blended;
                }

                var opaque = _opaque[upper] && _opaque[lower];
                if (view.Whole)
                {
                    Over(row + at[left], target + left, right - left, opaque);
                }
                else
                {
                    Sample(row, at + left, weight + left, target + left, right - left, opaque);
                }
            }
        }
    }

    // Which source column each column of the frame starts from, and the share of its right neighbour.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (int From, int To) Columns(in View view, int width)
    {
        if (_at.Length < width)
        {
            (_at, _weight) = (new int[width], new uint[width]);
        }

        var from = Math.Clamp((int)MathF.Ceiling(view.X(Left)), 0, width);
        var to = Math.Clamp((int)MathF.Floor(view.X(Left + _width - 1)) + 1, 0, width);
        for (var x = from; x < to; x++)
        {
            var sx = Math.Clamp(view.BackX(x) - Left, 0, _width - 1);
            var at = Math.Min((int)sx, _width - 2);
            (_at[x], _weight[x]) = (at, (uint)((sx - at) * 256));
        }

        return (from, to);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Lerp(uint* upper, uint* lower, uint share, uint* to, int count)
    {
        var i = 0;
        if (Avx2.IsSupported)
        {
            var weight = Vector256.Create((ushort)share);
            for (; i + 8 <= count; i += 8)
            {
                Mix(Vector256.Load(upper + i), Vector256.Load(lower + i), weight, weight).Store(to + i);
            }
        }

        for (; i < count; i++)
        {
            to[i] = Mix(upper[i], lower[i], share);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Sample(uint* row, int* at, uint* weight, uint* to, int count, bool opaque)
    {
        var i = 0;
        if (Avx2.IsSupported)
        {
            for (; i + 8 <= count; i += 8)
            {
                var index = Vector256.Load(at + i);
                var left = Avx2.GatherVector256(row, index, 4);
                var right = Avx2.GatherVector256(row + 1, index, 4);
                // Each 32-bit weight is repeated for the four channels of its pixel.
                var w = Vector256.Load(weight + i);
                w |= w << 16;
                var mixed = Mix(left, right, Avx2.UnpackLow(w, w).AsUInt16(), Avx2.UnpackHigh(w, w).AsUInt16());
                (opaque ? mixed : Over(mixed, Vector256.Load(to + i))).Store(to + i);
            }
        }

        for (; i < count; i++)
        {
            var mixed = Mix(row[at[i]], row[at[i] + 1], weight[i]);
            to[i] = opaque ? mixed : Over(mixed, to[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Over(uint* row, uint* to, int count, bool opaque)
    {
        if (opaque)
        {
            new ReadOnlySpan<uint>(row, count).CopyTo(new Span<uint>(to, count));
            return;
        }

        var i = 0;
        if (Avx2.IsSupported)
        {
            for (; i + 8 <= count; i += 8)
            {
                Over(Vector256.Load(row + i), Vector256.Load(to + i)).Store(to + i);
            }
        }

        for (; i < count; i++)
        {
            to[i] = Over(row[i], to[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Mix(Vector256<uint> a, Vector256<uint> b, Vector256<ushort> low, Vector256<ushort> high)
    {
        var whole = Vector256.Create((ushort)256);
        var (a8, b8, zero) = (a.AsByte(), b.AsByte(), Vector256<byte>.Zero);
        var l = ((Avx2.UnpackLow(a8, zero).AsUInt16() * (whole - low)) + (Avx2.UnpackLow(b8, zero).AsUInt16() * low)) >> 8;
        var h = ((Avx2.UnpackHigh(a8, zero).AsUInt16() * (whole - high)) + (Avx2.UnpackHigh(b8, zero).AsUInt16() * high)) >> 8;
        return Avx2.PackUnsignedSaturate(l.AsInt16(), h.AsInt16()).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Over(Vector256<uint> source, Vector256<uint> target)
    {
        var alpha = source >> 24;
        alpha = Vector256.Create(256u) - alpha - (alpha >> 7);
        alpha |= alpha << 16;
        var (t, zero) = (target.AsByte(), Vector256<byte>.Zero);
        var l = (Avx2.UnpackLow(t, zero).AsUInt16() * Avx2.UnpackLow(alpha, alpha).AsUInt16()) >> 8;
        var h = (Avx2.UnpackHigh(t, zero).AsUInt16() * Avx2.UnpackHigh(alpha, alpha).AsUInt16()) >> 8;
        return Avx2.AddSaturate(Avx2.PackUnsignedSaturate(l.AsInt16(), h.AsInt16()),
            source.AsByte()).AsUInt32() | Vector256.Create(0xFF000000u);
    }

    private static uint Mix(uint a, uint b, uint share)
    {
        var even = (((a & 0xFF00FF) * (256 - share)) + ((b & 0xFF00FF) * share)) >> 8;
        var odd = (((a >> 8) & 0xFF00FF) * (256 - share)) + (((b >> 8) & 0xFF00FF) * share);
        return (even & 0xFF00FF) | (odd & 0xFF00FF00);
    }

    private static uint Over(uint source, uint target)
    {
        var alpha = source >> 24;
        alpha = 256 - alpha - (alpha >> 7);
        uint Channel(int shift) => Math.Min(255, ((((target >> shift) & 255) * alpha) >> 8) + ((source >> shift) & 255)) << shift;
        return 0xFF000000u | Channel(16) | Channel(8) | Channel(0);
    }
}

/// <summary>Where the camera puts things of one depth: scaled first, then shifted.</summary>
internal readonly record struct View(float Scale, float ShiftX, float ShiftY)
{
    public static View Rest { get; } = new(1, 0, 0);

    /// <summary>Columns fall on columns.</summary>
    public bool Whole => Scale == 1 && ShiftX == MathF.Floor(ShiftX);

    public float X(float x) => (x * Scale) + ShiftX;

    public float Y(float y) => (y * Scale) + ShiftY;

    public float BackX(float x) => (x - ShiftX) / Scale;

    public float BackY(float y) => (y - ShiftY) / Scale;
}
