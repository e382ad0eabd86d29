using SkiaSharp;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing.Subjects;

/// <summary>What swims. Drawn around the middle of the body at (0, -50).</summary>
internal static class SeaLife
{
    public static void Fish(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var wag = pose.Swing(1.4f);
        using (ink.At(0, -50))
        {
            using (ink.At(-44, 0, 1 - (MathF.Abs(wag) * 0.25f), 1, wag * 8))
            {
                ink.Shape("M4,0 C-10,-26 -32,-34 -36,-30 C-28,-12 -28,12 -36,30 C-32,34 -10,26 4,0 Z", c.Dark(0.15f));
            }

            ink.Shape("M-10,-26 C0,-50 24,-48 30,-22 Z M-4,26 C2,42 18,42 20,24 Z", c.Dark(0.2f));
            ink.GradientShape("M-48,0 C-30,-34 30,-42 58,0 C30,40 -30,32 -48,0 Z", -34, 34, c, c.Light(0.5f));
            ink.Shape("M20,-28 C12,-8 12,10 20,27 C26,24 30,22 33,20 C25,6 25,-10 32,-22 Z", SKColors.White.Fade(0.85f));
            ink.Stroke("M-24,-12 C-20,-6 -20,0 -24,6 M-10,-16 C-5,-8 -5,2 -10,10 M-10,6 C-6,12 -6,16 -10,20", 1.6f,
                c.Dark(0.3f).Fade(0.7f));
            ink.Dot(42, -7, 6, SKColors.White);
            ink.Dot(43.5f, -7, 3.2f, Rgb(0x11131A));
            ink.Limb(50, 8, 46, 12, 42, 10, 1.8f, c.Dark(0.5f));
        }
    }

    public static void Whale(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var wag = pose.Swing(0.3f) * 6;
        using (ink.At(0, -50))
        {
            using (ink.At(-92, -8, degrees: wag))
            {
                ink.Shape("M10,2 C-8,-2 -20,-14 -40,-30 C-44,-12 -34,0 -26,4 C-36,8 -44,20 -40,34 C-22,22 -6,16 10,10 Z", c.Dark(0.1f));
            }

            ink.GradientShape("M-100,-6 C-70,-30 -20,-46 40,-44 C92,-42 108,-16 104,6 C100,34 60,42 20,40 C-30,36 -70,14 -100,2 Z", -46,
                42, c.Light(0.12f), c.Dark(0.2f));
            ink.Shape("M104,4 C100,34 60,42 20,40 C0,39 -18,34 -34,28 C10,30 60,22 104,4 Z", Rgb(0xE8EEF2).Mix(c, 0.15f));
            ink.Stroke("M92,16 C60,30 20,34 -10,32 M94,22 C64,36 30,38 6,37", 1.4f, c.Dark(0.2f).Fade(0.6f));
            using (ink.At(34, 24, degrees: wag))
            {
                ink.Shape("M-8,-4 C-14,20 -32,38 -46,42 C-40,20 -24,0 -10,-8 Z", c.Dark(0.25f));
            }

            ink.Dot(76, -4, 4, Rgb(0x0E1420));
            ink.Dot(77, -5.4f, 1.3f, SKColors.White);
        }
    }

    public static void Shark(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var wag = pose.Swing(0.6f) * 7;
        using (ink.At(0, -50))
        {
            using (ink.At(-84, 0, degrees: wag))
            {
                ink.Shape("M8,0 L-32,-46 C-24,-18 -22,0 -24,26 Z", c.Dark(0.12f));
            }

            ink.Shape("M-8,-26 L-14,-62 C10,-52 24,-38 30,-24 Z", c.Dark(0.1f));
            ink.GradientShape("M-92,0 C-50,-24 10,-34 60,-22 C88,-14 106,-4 110,2 C100,12 60,26 10,24 C-40,20 -70,8 -92,2 Z", -30, 26, c,
                c.Dark(0.15f));
            ink.Shape("M110,2 C100,12 60,26 10,24 C-16,23 -40,18 -60,10 C0,14 60,8 110,2 Z", Rgb(0xEFF3F5));
            ink.Shape("M30,14 L4,52 C30,48 50,30 56,14 Z", c.Dark(0.2f));
            ink.Stroke("M36,-12 L33,4 M44,-12 L41,4 M52,-12 L49,4", 2, c.Dark(0.35f));
            ink.Dot(82, -8, 3.6f, Rgb(0x0B0D12));
            ink.Shape("M74,12 L104,5 L98,10 L92,9 L88,13 L83,11 L79,14 Z", Rgb(0x7A2A30));
        }
    }

    public static void Turtle(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var paddle = pose.Swing(0.5f) * 18;
        var skin = c.Light(0.25f);
        using (ink.At(0, -50, degrees: -8))
        {
            using (ink.At(24, 12, degrees: paddle))
            {
                ink.Shape("M-6,-6 C-10,20 -34,44 -52,46 C-48,26 -24,0 6,-8 Z", skin);
            }

            using (ink.At(-36, 12, degrees: -paddle))
            {
                ink.Shape("M8,-6 C0,6 -16,18 -28,18 C-26,8 -10,-4 6,-10 Z", skin.Dark(0.1f));
            }

            ink.Oval(62, -2, 19, 13, skin);
            ink.Dot(68, -5, 3, Rgb(0x11150E));
            ink.GradientShape("M-56,10 C-50,-36 30,-46 52,4 C40,18 -36,22 -56,10 Z", -36, 20, c.Dark(0.1f), c.Dark(0.4f));
            ink.Stroke("M-30,-12 L-18,-24 L0,-22 L6,-6 L-8,4 L-26,2 Z M0,-22 L16,-26 M6,-6 L26,-4 L34,-16 L16,-26 M26,-4 L40,8 M-8,4 "
                + "L-10,16 M-30,-12 L-46,-6", 2.2f, c.Light(0.3f));
        }
    }

    public static void Octopus(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        for (var i = 0; i < 8; i++)
        {
            var x = -38 + (i * 11);
            var w = pose.Swing(0.5f, i * 0.19f) * 14;
            ink.Limb(x * 0.55f, -34, (x * 1.1f) + w, -16, (x * 1.5f) - w, 2 - (i % 2 * 8), 9, c.Dark(i % 2 * 0.14f));
        }

        ink.GradientShape("M0,-104 C40,-104 42,-60 28,-34 C18,-26 -18,-26 -28,-34 C-42,-60 -40,-104 0,-104 Z", -104, -30, c.Light(0.15f),
            c.Dark(0.1f));
        foreach (var x in (ReadOnlySpan<float>)[-13f, 13f])
        {
            ink.Dot(x, -58, 9, SKColors.White);
            ink.Dot(x + 2, -57, 4.6f, Rgb(0x18121C));
        }

        ink.Dot(-16, -88, 5, c.Light(0.35f));
        ink.Dot(-4, -95, 3, c.Light(0.35f));
    }

    public static void Jellyfish(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var pulse = 1 + (pose.Swing(0.5f) * 0.08f);
        ink.Glow(0, -70, 70, c.Light(0.4f).Fade(0.45f));
        for (var i = 0; i < 7; i++)
        {
            var x = -27 + (i * 9);
            ink.Limb(x, -56, x + (pose.Swing(0.5f, i * 0.17f) * 16), -24, x - (pose.Swing(0.5f, i * 0.13f) * 10), 12 + (i % 2 * 12), 3,
                c.Light(0.3f).Fade(0.7f));
        }

        using (ink.At(0, -58, pulse, 2 - pulse))
        {
            ink.GradientShape("M-42,2 C-42,-58 42,-58 42,2 C34,-6 28,4 20,-2 C12,4 4,-4 0,2 C-6,-4 -14,4 -20,-2 C-28,4 -34,-6 -42,2 Z",
                -46, 4, c.Light(0.5f).Fade(0.9f), c.Fade(0.8f));
            ink.Oval(-12, -26, 14, 8, SKColors.White.Fade(0.4f));
        }
    }

    public static void Dolphin(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        using (ink.At(0, -50, degrees: -16 + (pose.Swing(0.5f) * 14)))
        {
            ink.Shape("M-78,12 C-96,4 -108,8 -112,20 C-100,18 -94,22 -92,34 C-84,28 -78,24 -70,20 Z", c.Dark(0.15f));
            ink.Shape("M-8,-28 C-14,-46 -26,-54 -34,-54 C-28,-42 -28,-32 -26,-24 Z", c.Dark(0.15f));
            ink.GradientShape("M-84,18 C-50,-20 -10,-34 34,-30 C58,-28 68,-18 74,-8 C86,-6 100,-2 104,2 C98,8 84,10 70,10 C40,24 -30,14 "
                + "-84,18 Z", -32, 18, c, c.Light(0.55f));
            ink.Shape("M20,12 C14,28 2,38 -8,40 C-8,28 -4,16 2,10 Z", c.Dark(0.2f));
            ink.Dot(56, -8, 3.2f, Rgb(0x10141C));
        }
    }

    public static void Crab(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        for (var i = 0; i < 3; i++)
        {
            var w = pose.Swing(0.9f, i * 0.3f) * 4;
            ink.Limb(-26, -26, -50 - (i * 6), -34 + (i * 10), -54 - (i * 4) + w, 0, 5, c.Dark(0.15f));
            ink.Limb(26, -26, 50 + (i * 6), -34 + (i * 10), 54 + (i * 4) - w, 0, 5, c.Dark(0.15f));
        }

        foreach (var side in (ReadOnlySpan<float>)[-1f, 1f])
        {
            using (ink.At(0, 0, side, 1))
            {
                ink.Limb(30, -36, 62, -40, 56, -66, 8, c);
                ink.Shape("M56,-62 C38,-72 44,-98 60,-98 L58,-80 L70,-96 C80,-84 72,-64 56,-62 Z", c);
                ink.Line(10, -48, 12, -62, 3, c);
                ink.Dot(12, -64, 5, SKColors.White);
                ink.Dot(12, -64, 2.6f, Rgb(0x1A1214));
            }
        }

        ink.GradientShape("M-42,-30 C-36,-60 36,-60 42,-30 C36,-8 -36,-8 -42,-30 Z", -54, -10, c.Light(0.15f), c.Dark(0.15f));
    }
}
