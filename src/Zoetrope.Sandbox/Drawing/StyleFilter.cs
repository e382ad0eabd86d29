using System.Runtime.CompilerServices;
using Zoetrope.Sandbox.Scenes;

namespace Zoetrope.Sandbox.Drawing;

/// <summary>
/// The look of a style, applied to finished BGRA pixels: a map says from where each pixel takes its colour
/// (brush strokes, blocks, facets), then tones are changed. The map is made once per job.
/// </summary>
internal sealed class StyleFilter(Style style, int width, int height, uint seed)
{
    private readonly int[]? _from = Map(style, width, height, new Dice(seed));
    private uint[]? _copy;

    public bool Changes => style is not (Style.Plain or Style.Minimal or Style.Neon);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(Span<uint> pixels)
    {
        if (!Changes)
        {
            return;
        }

        if (_from is not null || style is Style.Sketch or Style.Cartoon)
        {
            _copy ??= new uint[pixels.Length];
            pixels.CopyTo(_copy);
        }

        for (var y = 0; y < height; y++)
        {
            var row = y * width;
            for (var x = 0; x < width; x++)
            {
                var at = row + x;
                var p = _from is null ? pixels[at] : _copy![_from[at]];
                var (b, g, r) = ((int)(p & 255), (int)((p >> 8) & 255), (int)((p >> 16) & 255));
                var l = ((r * 54) + (g * 183) + (b * 19)) >> 8;
                switch (style)
                {
                    case Style.Mono:
                        r = g = b = Math.Clamp(((l - 128) * 5 / 4) + 128, 0, 255);
                        break;
                    case Style.Vintage:
                        (r, g, b) = (Math.Min(255, 40 + (l * 215 / 255)), 28 + (l * 190 / 255), 18 + (l * 150 / 255));
                        break;
                    case Style.Watercolor:
                        var paper = (int)((uint)((x * 73) ^ (y * 151) ^ ((x * y) >> 3)) & 15) - 8;
                        (r, g, b) = (Clamp(r + ((255 - r) * 3 / 10) + paper), Clamp(g + ((255 - g) * 3 / 10) + paper),
                            Clamp(b + ((255 - b) * 7 / 20) + paper));
                        break;
                    case Style.Sketch:
                        var edge = Edge(_copy!, at, x, y, width, height);
                        var hatch = l < 70 && (x + y) % 6 < 2 ? 70 : l < 130 && (x - y + 9999) % 9 < 2 ? 40 : 0;
                        r = Clamp(244 - (edge * 3) - hatch - ((255 - l) / 7));
                        (g, b) = (r - 3, Math.Max(0, r - 10));
                        r = Math.Max(0, r);
                        g = Math.Max(0, g);
                        break;
                    case Style.Cartoon:
                        var line = Edge(_copy!, at, x, y, width, height) > 62 ? 3 : 0;
                        (r, g, b) = (Posterize(r) >> line, Posterize(g) >> line, Posterize(b) >> line);
                        break;
                    case Style.Pixel:
                        (r, g, b) = (Math.Min(255, (r + 12) / 24 * 24), Math.Min(255, (g + 12) / 24 * 24),
                            Math.Min(255, (b + 12) / 24 * 24));
                        break;
                    case Style.Oil:
                        var bristle = (_from![at] * 7 % 23) - 11;
                        (r, g, b) = (Clamp(l + ((r - l) * 5 / 4) + bristle), Clamp(l + ((g - l) * 5 / 4) + bristle),
                            Clamp(l + ((b - l) * 5 / 4) + bristle));
                        break;
                    case Style.LowPoly:
                        var facet = (_from![at] % 29) - 14;
                        (r, g, b) = (Clamp(r + facet), Clamp(g + facet), Clamp(b + facet));
                        break;
                }

                pixels[at] = 0xFF000000u | ((uint)r << 16) | ((uint)g << 8) | (uint)b;
            }
        }
    }

    private static int Clamp(int v) => v < 0 ? 0 : v > 255 ? 255 : v;

    private static int Posterize(int v) => Math.Min(255, (v + 14) / 28 * 28);

    private static int Edge(uint[] p, int at, int x, int y, int width, int height)
    {
        var d = Math.Max(1, Math.Min(width, height) / 720);
        if (x < d || y < d)
        {
            return 0;
        }

        int L(uint c) => (int)(((c & 255) * 19) + (((c >> 8) & 255) * 183) + (((c >> 16) & 255) * 54)) >> 8;
        var here = L(p[at]);
        return Math.Abs(here - L(p[at - d])) + Math.Abs(here - L(p[at - (d * width)]));
    }

    private static int[]? Map(Style style, int width, int height, Dice dice)
    {
        var unit = Math.Min(width, height);
        if (style == Style.Pixel)
        {
            var block = Math.Max(3, unit / 100);
            return Fill(width, height, (x, y) => (Math.Min(width - 1, (x / block * block) + (block / 2)),
                Math.Min(height - 1, (y / block * block) + (block / 2))));
        }

        if (style == Style.Watercolor)
        {
            var reach = unit * 0.008f;
            return Fill(width, height, (x, y) => (
                Math.Clamp(x + (int)(reach * (dice.Wave((x + (y * 0.3f)) / (unit * 0.021f)) + dice.Fork(1).Wave(y / (unit * 0.011f)))), 0,
                    width - 1),
                Math.Clamp(y + (int)(reach * (dice.Fork(2).Wave((y - (x * 0.2f)) / (unit * 0.019f))
                    + dice.Fork(3).Wave(x / (unit * 0.012f)))), 0, height - 1)));
        }

        if (style is Style.Oil or Style.LowPoly)
        {
            // Nearest of jittered cell centres; oil's cells are long in a wandering direction, like strokes.
            var cell = Math.Max(4, (int)(unit * (style == Style.Oil ? 0.014f : 0.045f)));
            var columns = (width / cell) + 3;
            return Fill(width, height, (x, y) =>
            {
                var (cx, cy, best, bx, by) = (x / cell, y / cell, float.MaxValue, x, y);
                var (cos, sin) = (0.8f, 0.6f);
                for (var j = -1; j <= 1; j++)
                {
                    for (var i = -1; i <= 1; i++)
                    {
                        var n = ((cy + j + 1) * columns) + cx + i + 1;
                        var px = (cx + i + dice.At(n)) * cell;
                        var py = (cy + j + dice.At(n + 7_000_000)) * cell;
                        var (dx, dy) = (x - px, y - py);
                        var (along, across) = style == Style.Oil ? (((dx * cos) + (dy * sin)) * 0.55f, (dy * cos) - (dx * sin)) : (dx, dy);
                        var d = (along * along) + (across * across);
                        if (d < best)
                        {
                            (best, bx, by) = (d, (int)px, (int)py);
                        }
                    }
                }

                return (Math.Clamp(bx, 0, width - 1), Math.Clamp(by, 0, height - 1));
            });
        }

        return null;
    }

    private static int[] Fill(int width, int height, Func<int, int, (int X, int Y)> source)
    {
        var map = new int[width * height];
        Parallel.For(0, height, y =>
        {
            for (var x = 0; x < width; x++)
            {
                var (sx, sy) = source(x, y);
                map[(y * width) + x] = (sy * width) + sx;
            }
        });
        return map;
    }
}
