using SkiaSharp;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing.Subjects;

/// <summary>What one sits on and works at.</summary>
internal static class Furniture
{
    private static readonly SKColor Wood = Rgb(0x8A5A38);

    public static void Bench(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        ink.Stroke("M-72,0 L-72,-92 M72,0 L72,-92 M-50,0 L-50,-40 M50,0 L50,-40", 6, Rgb(0x3A3A40));
        ink.Round(-90, -92, 180, 13, 3, c.Light(0.08f));
        ink.Round(-90, -73, 180, 13, 3, c);
        ink.Round(-92, -46, 184, 12, 4, c.Dark(0.1f));
    }

    public static void Chair(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        ink.Stroke("M-26,0 L-26,-100 M26,0 L26,-40 M-14,0 L-14,-40 M16,0 L16,-40", 6, c.Dark(0.15f));
        ink.Round(-29, -100, 9, 44, 3, c);
        ink.Round(-32, -46, 64, 10, 4, c.Light(0.1f));
    }

    public static void Throne(Ink ink, in Pose pose)
    {
        var gold = Rgb(0xE3B24A);
        ink.GradientShape("M-36,-108 C-20,-126 20,-126 36,-108 L34,0 L-34,0 Z", -120, 0, gold.Light(0.15f), gold.Dark(0.25f));
        ink.GradientShape("M-26,-100 C-14,-110 14,-110 26,-100 L25,-34 L-25,-34 Z", -106, -34, pose.Color.Light(0.1f),
            pose.Color.Dark(0.15f));
        ink.Round(-40, -36, 80, 12, 4, pose.Color);
        ink.Round(-44, -58, 12, 58, 4, gold.Dark(0.1f));
        ink.Round(32, -58, 12, 58, 4, gold.Dark(0.1f));
        ink.Dot(-30, -112, 6, gold);
        ink.Dot(30, -112, 6, gold);
        ink.Dot(0, -122, 7, Rgb(0xD5332B));
    }

    public static void Sofa(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        ink.Round(-100, -84, 200, 62, 14, c.Dark(0.1f));
        ink.Round(-84, -48, 84, 30, 8, c.Light(0.12f));
        ink.Round(2, -48, 84, 30, 8, c.Light(0.12f));
        ink.Round(-112, -60, 30, 54, 12, c);
        ink.Round(84, -60, 30, 54, 12, c);
        ink.Round(-100, -20, 200, 14, 4, c.Dark(0.15f));
        ink.Stroke("M-92,-4 L-92,0 M92,-4 L92,0", 7, Rgb(0x3A2A22));
    }

    public static void Stool(Ink ink, in Pose pose)
    {
        ink.Stroke("M-10,-26 L-15,0 M10,-26 L15,0", 3.6f, Wood.Dark(0.3f));
        ink.Round(-18, -31, 36, 7, 3, Wood.Dark(0.1f));
    }

    public static void Desk(Ink ink, in Pose pose)
    {
        ink.Rect(28, -42, 4, 42, Wood.Dark(0.25f));
        ink.Rect(74, -42, 4, 42, Wood.Dark(0.25f));
        ink.Round(22, -46, 62, 6, 2, Wood);
    }

    public static void Pot(Ink ink, in Pose pose)
    {
        ink.Stroke("M-50,-46 L-66,-46 M50,-46 L66,-46", 7, Rgb(0x2A2A30));
        ink.GradientShape("M-48,-58 L48,-58 L44,-4 C40,0 -40,0 -44,-4 Z", -58, 0, pose.Color.Light(0.25f), pose.Color.Dark(0.2f));
        ink.Oval(0, -58, 48, 9, pose.Color.Dark(0.1f));
        ink.Oval(0, -57, 42, 7, Rgb(0xC9803A));
        Things.Steam(ink, pose, 0, -70);
    }

    public static void Spoon(Ink ink, in Pose pose) => ink.Line(-2, -8, 12, 8, 2.6f, Rgb(0xC79A66));

    public static void Easel(Ink ink, in Pose pose)
    {
        ink.Stroke("M-22,0 L2,-108 M28,0 L4,-108 M16,-8 L4,-100", 4, Wood);
        ink.Poly(Rgb(0xFBF8F0), -32, -94, 24, -98, 28, -42, -28, -40);
        ink.Poly(Rgb(0x8FC7F0), -28, -90, 20, -94, 22, -66, -26, -64);
        ink.Poly(Rgb(0x6BAA42), -26, -64, 22, -66, 24, -47, -24, -45);
        ink.Dot(8, -82, 5, Rgb(0xF4C52E));
        ink.Line(-36, -40, 34, -42, 4, Wood.Dark(0.2f));
    }

    public static void Brush(Ink ink, in Pose pose)
    {
        ink.Line(-8, 4, 8, -6, 1.8f, Rgb(0x6A4630));
        ink.Dot(9, -7, 2.4f, Rgb(0xD5332B));
    }
}
