using SkiaSharp;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing.Subjects;

/// <summary>What flies by its own wings. Drawn around the middle of the body at (0, -50).</summary>
internal static class Birds
{
    public static void Bird(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var flap = pose.Swing(1.6f);
        using (ink.At(0, -50 + (flap * 4)))
        {
            Wing(ink, -6, -4, -flap, c.Dark(0.25f));
            ink.Shape("M-46,-2 L-70,-12 L-66,6 Z", c.Dark(0.2f));
            ink.GradientShape("M-52,0 C-30,-18 20,-24 40,-10 C52,-6 50,8 38,12 C10,20 -26,14 -52,0 Z", -20, 16, c, c.Light(0.5f));
            ink.Dot(40, -8, 14, c);
            ink.Poly(Rgb(0xF0A030), 52, -12, 70, -5, 52, -2);
            ink.Dot(44, -12, 2.8f, Rgb(0x101014));
            Wing(ink, 2, -4, flap, c.Dark(0.08f));
        }
    }

    private static void Wing(Ink ink, float x, float y, float flap, SKColor color)
    {
        var lift = -52 * flap;
        ink.Poly(color, x + 16, y, x + 4, y + (lift * 0.7f) - 4, x - 34, y + lift, x - 40, y + (lift * 0.72f) + 4, x - 26, y + 4);
    }

    public static void Eagle(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var flap = pose.Swing(0.5f) * 0.5f;
        using (ink.At(0, -50))
        {
            foreach (var side in (ReadOnlySpan<float>)[-1f, 1f])
            {
                using (ink.At(0, 0, side, 1, side * flap * 16))
                {
                    ink.Shape("M4,-8 C30,-34 70,-36 112,-22 L98,-16 L108,-8 L92,-6 L100,4 L82,2 L86,12 L66,8 C44,14 20,14 4,10 Z",
                        c.Dark(0.1f));
                    ink.Shape("M4,-8 C30,-30 60,-30 88,-24 C60,-20 30,-12 6,2 Z", c.Light(0.16f));
                }
            }

            ink.Shape("M-10,10 L-16,44 L16,44 L10,10 Z", Rgb(0xF4F0E6));
            ink.Oval(0, 4, 13, 26, c);
            ink.Dot(0, -24, 12, Rgb(0xF7F4EC));
            ink.Shape("M4,-32 C18,-32 20,-24 16,-16 C14,-22 8,-24 4,-24 Z", Rgb(0xF0B030));
            ink.Dot(3, -28, 2.2f, Rgb(0x15120E));
        }
    }

    public static void Owl(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        ink.Line(-50, 2, 50, 0, 8, Rgb(0x6A4A30));
        ink.GradientShape("M-26,-70 C-40,-40 -30,-2 0,0 C30,-2 40,-40 26,-70 Z", -70, 0, c, c.Dark(0.3f));
        ink.Oval(0, -30, 19, 26, c.Light(0.45f));
        for (var i = 0; i < 9; i++)
        {
            ink.Stroke("M-4,0 L0,5 L4,0", 1.8f, c.Dark(0.3f), (-12 + (i % 3 * 12), -46 + (i / 3 * 12)));
        }

        ink.Shape("M-30,-62 C-40,-40 -34,-14 -22,-8 C-26,-30 -24,-46 -20,-60 Z M30,-62 C40,-40 34,-14 22,-8 C26,-30 24,-46 20,-60 Z",
            c.Dark(0.28f));
        using (ink.At(0, -76, degrees: pose.Swing(0.15f) * 8))
        {
            ink.Shape("M-30,-4 L-28,-34 L-10,-20 L10,-20 L28,-34 L30,-4 C24,18 -24,18 -30,-4 Z", c);
            foreach (var x in (ReadOnlySpan<float>)[-13f, 13f])
            {
                ink.Dot(x, -4, 12.5f, c.Light(0.6f));
                using (ink.At(x, -4, 1, pose.Eye))
                {
                    ink.Dot(0, 0, 9, Rgb(0xF5B82E));
                    ink.Dot(0, 0, 5, Rgb(0x14101A));
                    ink.Dot(2, -2, 1.8f, SKColors.White);
                }
            }

            ink.Poly(Rgb(0xE39A2A), -4, 2, 4, 2, 0, 11);
        }
    }

    public static void Penguin(Ink ink, in Pose pose)
    {
        var waddle = pose.Swing(0.9f) * (pose.Moves ? 8 : 2);
        using (ink.At(0, 0, degrees: waddle))
        {
            ink.Oval(-12, -2, 12, 5, Rgb(0xF09A2E));
            ink.Oval(12, -2, 12, 5, Rgb(0xF09A2E));
            ink.Limb(-24, -60, -40, -44, -36, -22 + waddle, 11, Rgb(0x1E2430));
            ink.Limb(24, -60, 40, -44, 36, -22 - waddle, 11, Rgb(0x1E2430));
            ink.Shape("M0,-104 C30,-104 34,-60 32,-24 C30,-4 16,-2 0,-2 C-16,-2 -30,-4 -32,-24 C-34,-60 -30,-104 0,-104 Z", Rgb(0x232A38));
            ink.Shape("M0,-70 C20,-74 26,-40 22,-18 C18,-6 8,-5 0,-5 C-8,-5 -18,-6 -22,-18 C-26,-40 -20,-74 0,-70 Z", Rgb(0xF7F6F0));
            ink.Oval(-9, -82, 9, 10, Rgb(0xF7F6F0));
            ink.Oval(9, -82, 9, 10, Rgb(0xF7F6F0));
            ink.Dot(-8, -84, 3, Rgb(0x0F1016));
            ink.Dot(8, -84, 3, Rgb(0x0F1016));
            ink.Poly(Rgb(0xF0A030), -6, -77, 6, -77, 0, -68);
        }
    }

    public static void Flamingo(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        ink.Line(-2, -52, -4, 0, 2.6f, c.Dark(0.2f));
        ink.Limb(4, -52, 18, -34, 2, -26, 2.6f, c.Dark(0.2f));
        ink.GradientShape("M-36,-54 C-20,-76 16,-74 24,-60 C22,-46 -14,-44 -36,-54 Z", -74, -46, c.Light(0.2f), c);
        ink.Limb(18, -60, 46, -70, 26, -88, 7, c);
        ink.Limb(26, -88, 14, -104, 34, -104, 7, c);
        ink.Shape("M34,-110 C46,-110 50,-98 44,-92 C42,-98 36,-98 33,-99 Z", Rgb(0x2A2226));
        ink.Dot(32, -105, 1.6f, Rgb(0x1A1214));
    }

    public static void Parrot(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        ink.Line(-54, -14, 54, -18, 8, Rgb(0x6A4A30));
        ink.Shape("M-10,-20 L-20,24 L-4,20 L2,26 L10,-16 Z", Rgb(0x2D6CDF));
        ink.GradientShape("M-4,-94 C26,-92 26,-40 12,-16 C2,-8 -16,-14 -20,-34 C-26,-64 -22,-92 -4,-94 Z", -94, -12, c, c.Dark(0.2f));
        ink.Shape("M-16,-60 C-30,-36 -22,-8 -12,2 C4,-16 8,-40 2,-56 Z", Rgb(0x2FA35A));
        ink.Shape("M-20,-36 C-22,-18 -18,-6 -12,2 C-4,-8 0,-18 2,-28 Z", Rgb(0xF4C52E));
        ink.Dot(5, -84, 11, Rgb(0xFBF6EC));
        ink.Dot(5, -86, 3, Rgb(0x15101A));
        ink.Shape("M14,-94 C30,-92 32,-76 22,-66 C22,-74 16,-78 12,-78 Z", Rgb(0x2E2A2E));
    }

    public static void Butterfly(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var open = 0.55f + (0.45f * MathF.Abs(pose.Swing(0.9f)));
        using (ink.At(0, -50, degrees: 14))
        {
            foreach (var side in (ReadOnlySpan<float>)[-1f, 1f])
            {
                using (ink.At(0, 0, side * open, 1))
                {
                    ink.Shape("M2,-4 C16,-58 66,-62 66,-30 C66,-10 34,2 2,2 Z", c.Dark(0.55f));
                    ink.Shape("M2,2 C34,4 50,18 46,36 C40,54 12,40 2,6 Z", c.Dark(0.55f));
                    ink.Shape("M6,-6 C20,-50 58,-54 60,-30 C60,-14 34,-4 6,0 Z", c);
                    ink.Shape("M6,4 C30,6 44,20 40,34 C34,46 14,34 6,8 Z", c.Light(0.25f));
                    ink.Dot(46, -32, 5, SKColors.White.Fade(0.85f));
                    ink.Dot(56, -22, 3, SKColors.White.Fade(0.85f));
                    ink.Stroke("M8,-6 C24,-24 36,-34 50,-44 M8,-4 C28,-14 40,-18 56,-20", 1.2f, c.Dark(0.55f));
                }
            }

            ink.Stroke("M-1,-18 C-4,-32 -10,-38 -16,-40 M1,-18 C4,-32 10,-38 16,-40", 1.6f, Rgb(0x2A2226));
            ink.Oval(0, 2, 4.2f, 22, Rgb(0x2A2226));
        }
    }

    public static void Bee(Ink ink, in Pose pose)
    {
        var beat = pose.Swing(5) * 14;
        using (ink.At(0, -50 + (pose.Swing(0.7f) * 6)))
        {
            using (ink.At(-4, -18, degrees: beat))
            {
                ink.Oval(-10, -18, 14, 26, SKColors.White.Fade(0.55f));
                ink.Oval(14, -18, 13, 24, SKColors.White.Fade(0.65f));
            }

            ink.Oval(0, 0, 42, 27, Rgb(0xF6C42E));
            ink.Stroke("M-18,-22 C-24,-8 -24,8 -18,22 M2,-25 C-2,-8 -2,8 2,25", 9, Rgb(0x2A2220));
            ink.Dot(36, -2, 17, Rgb(0x2A2220));
            ink.Dot(42, -6, 5, SKColors.White);
            ink.Stroke("M40,-18 C44,-32 52,-34 56,-34", 2.5f, Rgb(0x2A2220));
        }
    }

    // The same small stroke at many places.
    private static void Stroke(this Ink ink, string data, float width, SKColor color, (float X, float Y) at)
    {
        using (ink.At(at.X, at.Y))
        {
            ink.Stroke(data, width, color);
        }
    }
}
