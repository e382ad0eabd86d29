using SkiaSharp;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing.Subjects;

/// <summary>Cat, dog, rabbit and other animals of the house.</summary>
internal static class Pets
{
    public static void Cat(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        if (pose.Moves || pose.Sleeps)
        {
            CatWalking(ink, pose);
            return;
        }

        // Tail behind, then a pear of a body, then the head.
        var tail = pose.Swing(0.35f) * 9;
        ink.Limb(20, -8, 50, -6, 44 + (tail * 0.5f), -44 + tail, 8, c.Dark(0.12f));
        ink.GradientShape("M0,-66 C26,-64 34,-28 32,-8 C32,0 20,2 0,2 C-20,2 -32,0 -32,-8 C-34,-28 -26,-64 0,-66 Z", -66, 2, c,
            c.Dark(0.2f));
        ink.Oval(0, -26, 15, 24, c.Light(0.55f));
        ink.Round(-19, -26, 13, 28, 6.5f, c.Light(0.08f));
        ink.Round(6, -26, 13, 28, 6.5f, c.Light(0.08f));
        ink.Oval(-12.5f, 0, 9, 4.5f, c.Light(0.5f));
        ink.Oval(12.5f, 0, 9, 4.5f, c.Light(0.5f));
        using (ink.At(0, -68 + (pose.Swing(0.25f) * 0.7f), degrees: pose.Swing(0.13f) * 4))
        {
            CatHead(ink, pose, c);
        }
    }

    private static void CatHead(Ink ink, in Pose pose, SKColor c)
    {
        ink.Shape("M-27,-8 L-25,-36 L-6,-21 Z M27,-8 L25,-36 L6,-21 Z", c);
        ink.Shape("M-23,-14 L-22.5,-29 L-11,-20 Z M23,-14 L22.5,-29 L11,-20 Z", Rgb(0xE9A5A5));
        ink.Oval(0, 0, 29, 23, c);
        ink.Oval(0, 9, 15, 11, c.Light(0.6f));
        ink.Stroke("M-5,-21 L-3,-13 M0,-22 L0,-13 M5,-21 L3,-13 M-27,2 L-19,3 M27,2 L19,3", 2.4f, c.Dark(0.35f));
        foreach (var x in (ReadOnlySpan<float>)[-11.5f, 11.5f])
        {
            using (ink.At(x, -2, 1, pose.Eye))
            {
                ink.Oval(0, 0, 6.6f, 7.6f, Rgb(0xC9DB5A));
                ink.Oval(0, 0, 2.6f, 6.6f, Rgb(0x15151C));
                ink.Dot(1.8f, -2.6f, 1.6f, SKColors.White);
            }
        }

        ink.Shape("M-3.4,6 L3.4,6 L0,10 Z", Rgb(0xD9737C));
        ink.Stroke("M0,10 C0,14 -6,15 -8,12 M0,10 C0,14 6,15 8,12", 1.3f, c.Dark(0.6f));
        ink.Stroke("M-14,8 L-38,4 M-14,10 L-38,11 M14,8 L38,4 M14,10 L38,11", 0.8f, SKColors.White.Fade(0.8f));
    }

    private static void CatWalking(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var y = new Quadruped(42, 17, 34, 9, c, c.Light(0.4f), c.Light(0.4f)).Draw(ink, pose);
        ink.Limb(-38, y - 4, -66, y - 8, -60, y - 46 + (pose.Swing(0.4f) * 8), 8, c);
        ink.Stroke("M-20,-62 L-18,-50 M-8,-64 L-6,-51 M4,-64 L5,-52", 3, c.Dark(0.3f).Fade(pose.Sleeps ? 0 : 0.8f));
        using (ink.At(48, y - 17, 0.85f, 0.85f))
        {
            CatHead(ink, pose, c);
        }
    }

    public static void Dog(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var y = new Quadruped(40, 19, 36, 10, c, c.Light(0.35f), c.Light(0.4f)).Draw(ink, pose);
        using (ink.At(-38, y - 8, degrees: pose.Swing(2.2f) * 16))
        {
            ink.Limb(0, 0, -16, -4, -20, -26, 8, c);
        }

        ink.Limb(30, y - 6, 38, y - 14, 44, y - 24, 24, c);
        ink.Line(28, y - 12, 46, y - 6, 5, Rgb(0xC93A3A));
        using (ink.At(46, y - 32, degrees: pose.Swing(0.3f) * 4))
        {
            ink.Oval(0, 0, 19, 17, c);
            ink.Oval(17, 6, 15, 9.5f, c.Light(0.25f));
            ink.Oval(29, 1.5f, 5, 4.2f, Rgb(0x1D1A1C));
            ink.Shape("M-12,-13 C-26,-14 -26,10 -19,16 C-12,18 -6,2 -3,-12 Z", c.Dark(0.4f));
            using (ink.At(7, -4, 1, pose.Eye))
            {
                ink.Dot(0, 0, 3.6f, Rgb(0x22191A));
                ink.Dot(1, -1.2f, 1.2f, SKColors.White);
            }

            ink.Stroke("M28,6 C26,12 18,14 12,12", 1.5f, c.Dark(0.6f));
            ink.Shape("M15,12 C15,22 24,22 23,12 Z", Rgb(0xE9717F));
        }
    }

    public static void Rabbit(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var hop = pose.Moves ? -MathF.Abs(pose.Swing(0.8f)) * 22 : 0;
        using (ink.At(0, hop))
        {
            ink.Dot(-34, -18, 10, c.Light(0.5f));
            ink.GradientShape("M-32,-6 C-40,-44 -4,-58 14,-44 C28,-34 26,-2 14,0 L-24,0 C-30,0 -31,-2 -32,-6 Z", -55, 0, c, c.Dark(0.18f));
            ink.Oval(-14, -12, 17, 12, c.Dark(0.08f));
            ink.Oval(-6, -2, 20, 5, c.Light(0.25f));
            ink.Oval(18, -4, 10, 4.5f, c.Light(0.25f));
            using (ink.At(17, -52))
            {
                using (ink.At(-6, -12, degrees: -14 + (pose.Swing(0.4f) * 5)))
                {
                    ink.Oval(0, -20, 6.5f, 23, c.Dark(0.1f));
                }

                using (ink.At(2, -12, degrees: 6 + (pose.Swing(0.4f, 0.2f) * 5)))
                {
                    ink.Oval(0, -20, 7, 24, c);
                    ink.Oval(0.6f, -18, 3.6f, 18, Rgb(0xF0B0B4));
                }

                ink.Oval(0, 0, 19, 17, c);
                ink.Oval(10, 7, 10, 7.5f, c.Light(0.45f));
                ink.Oval(18, 2.5f, 3, 2.4f, Rgb(0xD9737C));
                using (ink.At(6, -4, 1, pose.Eye))
                {
                    ink.Dot(0, 0, 3.8f, Rgb(0x1C1418));
                    ink.Dot(1.2f, -1.3f, 1.3f, SKColors.White);
                }
            }
        }
    }

    public static void Duck(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        ink.GradientShape("M-46,-34 C-40,-20 -30,4 2,2 C34,0 40,-22 30,-34 C14,-44 -20,-30 -46,-34 Z", -42, 2, c, c.Dark(0.2f));
        ink.Limb(24, -26, 34, -46, 30, -62, 20, c);
        ink.Dot(31, -70, 17, c);
        ink.Shape("M44,-74 C58,-74 64,-68 62,-65 C56,-62 48,-62 44,-64 Z", Rgb(0xF08A24));
        ink.Dot(36, -75, 3.2f, Rgb(0x1C1418));
        ink.Shape("M-30,-24 C-20,-10 10,-6 14,-22 C4,-34 -14,-26 -30,-24 Z", c.Dark(0.13f));
    }
}
