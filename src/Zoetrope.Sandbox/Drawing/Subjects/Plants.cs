using SkiaSharp;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing.Subjects;

/// <summary>What grows.</summary>
internal static class Plants
{
    private static readonly SKColor Stem = Rgb(0x3F8A3E);

    public static void Tree(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var wind = pose.Swing(0.2f) * 1.5f;
        ink.Shape("M-6,0 C-4,-16 -4,-30 -5,-46 L5,-46 C4,-30 5,-16 9,0 Z", Rgb(0x6A4A32));
        ink.Stroke("M0,-34 L-14,-54 M1,-38 L14,-58", 4, Rgb(0x6A4A32));
        for (var i = 0; i < 16; i++)
        {
            var a = pose.Dice.At(i) * MathF.Tau;
            var d = MathF.Sqrt(pose.Dice.At(i + 40)) * 24;
            var y = -70 + (MathF.Sin(a) * d * 0.85f);
            ink.Dot((MathF.Cos(a) * d) + wind, y, 12 + (pose.Dice.At(i + 80) * 5), c.Dark(0.25f + ((y + 70) * 0.009f)));
        }

        for (var i = 0; i < 10; i++)
        {
            var a = pose.Dice.At(i + 120) * MathF.Tau;
            var d = MathF.Sqrt(pose.Dice.At(i + 140)) * 18;
            ink.Dot((MathF.Cos(a) * d) - 5 + (wind * 1.4f), -77 + (MathF.Sin(a) * d * 0.8f), 8,
                c.Light(0.08f + (pose.Dice.At(i + 160) * 0.12f)));
        }
    }

    public static void Pine(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        ink.Rect(-4, -16, 8, 16, Rgb(0x5A3E2C));
        for (var i = 0; i < 4; i++)
        {
            var y = -12 - (i * 21f);
            var w = 31 - (i * 6.5f);
            ink.Poly(c.Dark(0.2f - (i * 0.05f)), -w, y, 0, y - 34, w, y, w * 0.35f, y - 4, 0, y + 2, -w * 0.4f, y - 4);
            ink.Poly(c.Light(0.12f).Fade(0.6f), -w * 0.8f, y - 2, 0, y - 32, -w * 0.1f, y - 8);
        }
    }

    public static void Palm(Ink ink, in Pose pose)
    {
        ink.Limb(-8, 0, -2, -40, 12, -72, 7, Rgb(0x8A6844));
        for (var i = 0; i < 7; i++)
        {
            var a = 200 + (i * 24) + (pose.Swing(0.25f, i * 0.1f) * 4);
            using (ink.At(12, -72, degrees: a))
            {
                ink.Shape("M0,0 C14,-10 34,-10 46,6 C34,0 16,2 0,4 Z", pose.Color.Dark(i % 2 * 0.18f));
            }
        }

        ink.Dot(9, -68, 4.5f, Rgb(0x6A4A30));
        ink.Dot(16, -68, 4.5f, Rgb(0x5A3E28));
    }

    public static void Cactus(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        ink.Limb(-10, -44, -34, -44, -32, -70, 12, c.Dark(0.12f));
        ink.Limb(10, -34, 34, -34, 32, -60, 12, c.Dark(0.2f));
        ink.GradientShape("M-13,0 L-13,-82 C-13,-104 13,-104 13,-82 L13,0 Z", -100, 0, c.Light(0.1f), c.Dark(0.25f));
        ink.Stroke("M-5,-90 L-5,-4 M4,-92 L4,-4", 1.5f, c.Dark(0.4f).Fade(0.7f));
        ink.Dot(0, -98, 6, Rgb(0xEE6FA8));
    }

    public static void Flower(Ink ink, in Pose pose)
    {
        using (Stalk(ink, pose))
        {
            Petals(ink, 7, 20, 9, 14, pose.Color);
            ink.Ball(0, 0, 10, Rgb(0xF6C42E));
        }
    }

    public static void Sunflower(Ink ink, in Pose pose)
    {
        using (Stalk(ink, pose))
        {
            Petals(ink, 16, 25, 6, 13, pose.Color.Dark(0.12f), 11);
            Petals(ink, 16, 23, 6, 13, pose.Color);
            ink.Ball(0, 0, 16, Rgb(0x5A3620));
            for (var i = 0; i < 24; i++)
            {
                var (a, d) = (i * 2.4f, MathF.Sqrt(i) * 2.9f);
                ink.Dot(MathF.Cos(a) * d, MathF.Sin(a) * d, 1.2f, Rgb(0x9A6A38));
            }
        }
    }

    public static void Rose(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        using (Stalk(ink, pose))
        {
            ink.Shape("M-14,14 C-20,22 -10,26 0,22 C10,26 20,22 14,14 Z", Stem);
            ink.Shape("M0,22 C-26,20 -30,-8 -22,-16 C-10,-28 14,-28 23,-15 C30,-6 26,20 0,22 Z", c.Dark(0.15f));
            ink.Shape("M-23,-14 C-14,-8 -4,8 0,22 C-24,20 -30,-4 -23,-14 Z", c);
            ink.Shape("M23,-14 C14,-8 6,8 0,22 C24,20 30,-4 23,-14 Z", c.Dark(0.06f));
            ink.Oval(0, -13, 17, 10, c.Dark(0.32f));
            ink.Stroke("M-14,-12 C-8,-22 12,-22 14,-11 C12,-2 -6,-2 -8,-11 C-6,-17 6,-17 7,-11 C5,-7 0,-8 -1,-11", 3, c.Light(0.2f));
        }
    }

    public static void Tulip(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        using (Stalk(ink, pose))
        {
            ink.Shape("M-16,-18 C-12,-12 -6,-16 0,-26 C6,-16 12,-12 16,-18 C22,4 14,18 0,18 C-14,18 -22,4 -16,-18 Z", c.Dark(0.15f));
            ink.Shape("M0,-24 C12,-6 10,12 0,18 C-10,12 -12,-6 0,-24 Z", c.Light(0.15f));
        }
    }

    public static void Mushroom(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        ink.GradientShape("M-15,-52 C-12,-30 -16,-12 -22,0 C-8,5 10,5 22,0 C14,-12 12,-30 15,-52 Z", -52, 4, Rgb(0xE3D8C2), Rgb(0xFBF6EA));
        ink.Oval(0, -46, 42, 9, Rgb(0xE8D9B8).Dark(0.1f));
        ink.GradientShape("M-52,-46 C-52,-108 52,-108 52,-46 C36,-38 -36,-38 -52,-46 Z", -96, -40, c.Light(0.12f), c.Dark(0.18f));
        ink.Oval(-18, -74, 9, 8, Rgb(0xFFFBF0));
        ink.Oval(14, -80, 8, 6.5f, Rgb(0xFFFBF0));
        ink.Oval(30, -60, 7, 7, Rgb(0xFFFBF0));
        ink.Oval(-36, -56, 6, 7, Rgb(0xFFFBF0));
        ink.Oval(2, -58, 6, 5, Rgb(0xFFFBF0));
    }

    private static Ink.Scope Stalk(Ink ink, in Pose pose)
    {
        var sway = pose.Swing(0.22f) * 4;
        ink.Limb(0, 0, -3, -36, sway, -70, 4.5f, Stem);
        using (ink.At(-1, -26))
        {
            ink.Shape("M0,0 C-10,-18 -28,-20 -36,-14 C-28,-2 -12,4 0,2 Z M0,-6 C8,-24 24,-28 32,-24 C26,-10 12,-2 0,-2 Z", Stem.Dark(0.1f));
        }

        return ink.At(sway, -74);
    }

    private static void Petals(Ink ink, int count, float distance, float rx, float ry, SKColor color, float turn = 0)
    {
        for (var i = 0; i < count; i++)
        {
            using (ink.At(0, 0, degrees: turn + (i * 360f / count)))
            {
                ink.Oval(0, -distance + 4, rx, ry, color.Light(i % 2 * 0.1f));
            }
        }
    }
}
