using SkiaSharp;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing.Subjects;

/// <summary>Wild and farm animals on four legs.</summary>
internal static class Wildlife
{
    public static void Fox(Ink ink, in Pose pose) => Canine(ink, pose, pose.Color, Rgb(0xFBF3E6), Rgb(0x33211C), true);

    public static void Wolf(Ink ink, in Pose pose) => Canine(ink, pose, pose.Color, pose.Color.Light(0.5f), pose.Color.Dark(0.4f), false);

    private static void Canine(Ink ink, in Pose pose, SKColor c, SKColor pale, SKColor feet, bool bushy)
    {
        var y = new Quadruped(40, 16, 36, 8, c, pale, feet).Draw(ink, pose);
        using (ink.At(-38, y - 4, degrees: pose.Swing(0.5f) * 8))
        {
            ink.Shape(bushy ? "M2,-8 C-20,-30 -54,-18 -66,6 C-44,18 -14,14 4,8 Z" : "M2,-6 C-16,-10 -34,2 -40,28 C-24,22 -4,14 4,8 Z",
                c.Dark(0.08f));
            ink.Shape(bushy ? "M-48,-12 C-58,-8 -64,0 -66,6 C-58,11 -50,11 -44,11 C-50,2 -50,-6 -48,-12 Z"
                : "M-36,12 C-38,18 -39,22 -40,28 C-36,27 -32,25 -29,22 Z", bushy ? pale : feet);
        }

        ink.Limb(30, y - 4, 40, y - 12, 44, y - 20, 22, c);
        ink.Oval(36, y + 5, 11, 14, pale);
        using (ink.At(48, y - 28, degrees: pose.Swing(0.2f) * 4))
        {
            ink.Shape("M-14,-8 L-13,-38 L2,-14 Z M0,-13 L8,-38 L15,-10 Z", c);
            ink.Shape("M-11,-13 L-10.5,-29 L-2,-15 Z M4,-13 L8,-28 L12,-11 Z", feet);
            ink.Shape("M-18,-2 C-18,-18 14,-20 20,-6 C28,0 38,4 40,7 C38,11 26,13 14,14 C-4,18 -18,12 -18,-2 Z", c);
            ink.Shape("M-12,8 C-2,2 14,4 20,2 C28,2 36,5 40,7 C38,11 26,13 14,14 C2,17 -8,15 -12,8 Z", pale);
            ink.Oval(38.5f, 5.5f, 4, 3.4f, Rgb(0x1B1416));
            using (ink.At(10, -4, 1, pose.Eye))
            {
                ink.Oval(0, 0, 4, 3.8f, Rgb(0xF2B63A));
                ink.Dot(0.5f, 0, 2.2f, Rgb(0x15101A));
            }
        }
    }

    public static void Horse(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var mane = c.Dark(0.55f);
        var y = new Quadruped(38, 17, 50, 8, c, c.Light(0.1f), Rgb(0x2B2320)).Draw(ink, pose);
        var flow = pose.Swing(0.8f) * 7;
        ink.Limb(-37, y - 8, -60, y - 2 + flow, -56, y + 34, 11, mane);
        using (ink.At(0, y))
        {
            ink.Shape("M20,4 L44,2 L62,-40 L46,-46 C38,-28 26,-16 14,-14 Z", c);
        }

        using (ink.At(54, y - 42, degrees: 26 + (pose.Swing(0.5f) * 4)))
        {
            ink.Shape("M-10,-8 C-8,-16 6,-14 12,-8 C24,-4 34,2 34,8 C34,14 24,14 16,10 C4,12 -8,8 -10,-8 Z", c);
            ink.Oval(30, 8, 6, 5.5f, c.Dark(0.35f));
            ink.Shape("M-8,-11 L-5,-24 L2,-12 Z", c);
            ink.Dot(6, -3, 2.7f, Rgb(0x17110F));
        }

        using (ink.At(0, y))
        {
            ink.Shape("M50,-58 C36,-50 22,-34 12,-12 C20,-10 26,-14 30,-12 C36,-26 44,-40 54,-48 Z", mane);
        }
    }

    public static void Zebra(Ink ink, in Pose pose)
    {
        Horse(ink, pose);
        using (ink.At(0, -63 + Quadruped.Bob(pose)))
        {
            ink.Stroke("M-30,-12 L-26,8 M-20,-15 L-16,12 M-9,-16 L-6,13 M2,-16 L4,13 M13,-17 L14,12 M24,-17 L23,10 M34,-24 L40,-4 "
                + "M42,-36 L50,-18",
                4, Rgb(0x231F20));
        }
    }

    public static void Camel(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var y = new Quadruped(36, 15, 50, 8, c, c.Light(0.1f), c.Dark(0.3f)).Draw(ink, pose);
        ink.Limb(-35, y - 6, -46, y + 4, -44, y + 20, 4, c.Dark(0.3f));
        using (ink.At(0, y))
        {
            ink.Shape("M-32,-6 C-24,-40 -14,-40 -6,-12 C2,-40 14,-40 24,-6 Z", c.Dark(0.08f));
            ink.Limb(28, -2, 58, 12, 56, -34, 14, c);
            ink.Shape("M48,-46 C54,-54 66,-50 80,-40 C84,-34 80,-28 72,-28 C60,-28 50,-32 48,-46 Z", c);
            ink.Shape("M50,-48 L48,-58 L56,-50 Z", c.Dark(0.2f));
            ink.Dot(62, -43, 2.4f, Rgb(0x17110F));
        }
    }

    public static void Unicorn(Ink ink, in Pose pose)
    {
        Horse(ink, pose);
        ink.Poly(Rgb(0xF2C94C), 58, -114, 64, -112, 78, -142);
        ink.Glow(76, -138, 22, Rgb(0xFFF0B0).Fade(0.7f));
    }

    public static void Elephant(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var y = new Quadruped(42, 31, 36, 17, c, c.Dark(0.06f), c.Dark(0.2f)).Draw(ink, pose);
        ink.Limb(-40, y - 6, -50, y + 4, -48, y + 26, 4, c.Dark(0.2f));
        var sway = pose.Swing(0.3f) * 8;
        using (ink.At(46, y - 14))
        {
            ink.Dot(0, 0, 25, c);
            ink.Limb(18, 2, 40, 26, 30 + sway, 52, 13, c);
            ink.Limb(28 + (sway * 0.9f), 46, 30 + sway, 60, 40 + sway, 58, 9, c.Dark(0.05f));
            ink.Shape("M12,14 C20,28 34,32 44,24 C36,26 26,20 20,10 Z", Rgb(0xF7F1E0));
            ink.Dot(12, -5, 3, Rgb(0x1A1618));
            using (ink.At(-10, -4, 1 + (pose.Swing(0.45f) * 0.08f), 1))
            {
                ink.Shape("M4,-22 C-26,-30 -36,-4 -28,16 C-22,32 -4,26 4,10 Z", c.Dark(0.14f));
                ink.Shape("M0,-16 C-20,-22 -28,-4 -22,12 C-16,22 -4,18 1,6 Z", Rgb(0xC9A9A6).Mix(c, 0.55f));
            }
        }
    }

    public static void Bear(Ink ink, in Pose pose) => Ursine(ink, pose, pose.Color, pose.Color.Dark(0.12f), false);

    public static void Panda(Ink ink, in Pose pose) => Ursine(ink, pose, Rgb(0xF6F4EE), Rgb(0x26242A), true);

    public static void Monkey(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var pale = Rgb(0xE8C9A0);
        ink.Limb(-18, -8, -58, -4, -46, -52 + (pose.Swing(0.4f) * 6), 6, c.Dark(0.15f));
        ink.Oval(-16, -5, 15, 7, c.Dark(0.1f));
        ink.Oval(16, -5, 15, 7, c.Dark(0.1f));
        ink.Limb(-14, -50, -34, -34, -16, -14, 9, c.Dark(0.15f));
        ink.Oval(0, -30, 23, 29, c);
        ink.Oval(2, -26, 14, 20, pale);
        ink.Limb(16, -50, 38, -40, 22, -34, 9, c.Dark(0.06f));
        using (ink.At(2, -76, degrees: pose.Swing(0.25f) * 4))
        {
            ink.Dot(-25, -2, 9, c);
            ink.Dot(25, -2, 9, c);
            ink.Dot(-25, -2, 5, pale);
            ink.Dot(25, -2, 5, pale);
            ink.Dot(0, -2, 24, c);
            ink.Oval(-7, -4, 10, 11, pale);
            ink.Oval(7, -4, 10, 11, pale);
            ink.Oval(0, 9, 15, 11, pale);
            using (ink.At(0, -4, 1, pose.Eye))
            {
                ink.Dot(-7, 0, 3, Rgb(0x17110F));
                ink.Dot(7, 0, 3, Rgb(0x17110F));
            }

            ink.Limb(-6, 11, 0, 16, 6, 11, 1.6f, Rgb(0x5A3220));
        }
    }

    // Sits facing us.
    private static void Ursine(Ink ink, in Pose pose, SKColor c, SKColor limb, bool panda)
    {
        var sway = pose.Swing(0.3f) * 3;
        ink.Oval(-24, -8, 17, 13, limb);
        ink.Oval(24, -8, 17, 13, limb);
        ink.GradientShape("M0,-66 C34,-66 38,-20 30,-4 C20,2 -20,2 -30,-4 C-38,-20 -34,-66 0,-66 Z", -66, 2, c, c.Dark(0.18f));
        ink.Oval(0, -24, 20, 20, c.Light(panda ? 0.2f : 0.22f));
        ink.Oval(-24, -5, 10, 8, limb.Light(0.25f));
        ink.Oval(24, -5, 10, 8, limb.Light(0.25f));
        ink.Limb(-24, -54, -42, -38, -22, -26 + sway, 16, limb);
        ink.Limb(24, -54, 42, -38, 20, -30 - sway, 16, limb);
        if (panda)
        {
            ink.Line(6, -16, 30, -62, 4, Rgb(0x5C9E3C));
            ink.Shape("M28,-60 C36,-72 46,-70 50,-66 C42,-60 34,-58 28,-60 Z M24,-52 C14,-62 8,-60 4,-58 C10,-50 18,-48 24,-52 Z",
                Rgb(0x6FB548));
        }

        using (ink.At(0, -76, degrees: sway))
        {
            ink.Dot(-21, -19, 10, limb);
            ink.Dot(21, -19, 10, limb);
            ink.Dot(-21, -19, 5, limb.Light(0.25f));
            ink.Dot(21, -19, 5, limb.Light(0.25f));
            ink.Oval(0, 0, 28, 24, c);
            ink.Oval(0, 9, 13, 10, c.Light(0.5f));
            ink.Oval(0, 4, 5, 3.6f, Rgb(0x1A1517));
            ink.Stroke("M0,8 L0,12 C-2,15 -6,15 -7,13 M0,12 C2,15 6,15 7,13", 1.4f, Rgb(0x1A1517));
            foreach (var x in (ReadOnlySpan<float>)[-11f, 11f])
            {
                if (panda)
                {
                    using (ink.At(x, -4, degrees: x * 2.2f))
                    {
                        ink.Oval(0, 1, 6.5f, 9, limb);
                    }
                }

                using (ink.At(x, -5, 1, pose.Eye))
                {
                    ink.Dot(0, 0, 3.2f, Rgb(0x0F0C0E));
                    ink.Dot(1, -1.1f, 1.1f, SKColors.White);
                }
            }
        }
    }

    public static void Lion(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var y = new Quadruped(42, 19, 34, 10, c, c.Light(0.3f), c.Light(0.1f)).Draw(ink, pose);
        ink.Limb(-40, y - 6, -66, y - 2, -62, y - 34 + (pose.Swing(0.4f) * 8), 5, c);
        ink.Dot(-62, y - 36 + (pose.Swing(0.4f) * 8), 7, Rgb(0x6B3A1A));
        using (ink.At(44, y - 20))
        {
            for (var i = 0; i < 14; i++)
            {
                var a = i / 14f * MathF.Tau;
                ink.Dot(MathF.Cos(a) * 21, MathF.Sin(a) * 21, 11, Rgb(0x8A4A1E).Mix(Rgb(0xB5682A), i % 2));
            }

            ink.Oval(0, 0, 21, 20, c);
            ink.Oval(3, 9, 11, 8, c.Light(0.5f));
            ink.Shape("M-2,3 L9,3 L3.5,9 Z", Rgb(0x4A2A22));
            foreach (var x in (ReadOnlySpan<float>)[-7f, 11f])
            {
                using (ink.At(x, -4, 1, pose.Eye))
                {
                    ink.Dot(0, 0, 3.3f, Rgb(0x1E1410));
                }
            }
        }
    }

    public static void Tiger(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var y = new Quadruped(44, 18, 34, 10, c, Rgb(0xFBF3E6), c).Draw(ink, pose);
        ink.Limb(-42, y - 4, -70, y - 4, -64, y - 40 + (pose.Swing(0.4f) * 8), 7, c);
        using (ink.At(0, y))
        {
            ink.Stroke("M-34,-14 L-30,2 M-24,-17 L-21,0 M-14,-18 L-11,-2 M-4,-18 L-2,-3 M6,-18 L8,-2 M16,-18 L17,-1 M26,-17 L26,0", 4,
                Rgb(0x231A18));
        }

        using (ink.At(48, y - 16))
        {
            ink.Dot(-14, -16, 7, c);
            ink.Dot(12, -17, 7, c);
            ink.Oval(0, 0, 22, 20, c);
            ink.Oval(3, 9, 13, 9, Rgb(0xFBF3E6));
            ink.Stroke("M-4,-18 L-2,-10 M2,-19 L2,-11 M8,-18 L6,-10 M-20,-2 L-13,0 M-19,5 L-13,5 M21,-2 L16,0", 2.6f, Rgb(0x231A18));
            ink.Shape("M-2,4 L9,4 L3.5,9 Z", Rgb(0xC96A70));
            ink.Dot(-6, -3, 3.2f, Rgb(0x1E1410));
            ink.Dot(11, -3, 3.2f, Rgb(0x1E1410));
        }
    }

    public static void Deer(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var y = new Quadruped(30, 13, 46, 6, c, c.Light(0.5f), Rgb(0x2B211C)).Draw(ink, pose);
        ink.Oval(-30, y - 5, 6, 8, c.Light(0.7f));
        ink.Limb(22, y - 2, 34, y - 16, 36, y - 34, 13, c);
        using (ink.At(38, y - 40))
        {
            ink.Stroke("M-2,-8 C-8,-24 -22,-22 -20,-42 M-9,-20 C-10,-30 -4,-34 -6,-42 M4,-8 C8,-24 22,-22 22,-40 M11,-20 C10,-30 14,-34 "
                + "8,-42", 3, Rgb(0x7A5A3C));
            ink.Oval(-10, -5, 9, 4, c.Dark(0.1f));
            ink.Shape("M-9,-8 C-4,-12 8,-10 12,-3 C20,0 26,4 24,8 C18,12 4,10 -4,8 C-10,4 -10,-4 -9,-8 Z", c);
            ink.Oval(23, 5, 3.4f, 3, Rgb(0x1B1416));
            ink.Dot(5, -3, 2.4f, Rgb(0x1B1416));
        }
    }

    public static void Cow(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var y = new Quadruped(44, 22, 32, 10, c, c.Dark(0.05f), Rgb(0x3A2E2A)).Draw(ink, pose);
        ink.Oval(-16, y - 8, 14, 10, Rgb(0x2A2426));
        ink.Oval(16, y + 2, 12, 9, Rgb(0x2A2426));
        ink.Oval(-12, y + 19, 9, 6, Rgb(0xE9A5A5));
        ink.Limb(-43, y - 8, -54, y + 4, -50, y + 24, 3, c.Dark(0.3f));
        using (ink.At(50, y - 16))
        {
            ink.Stroke("M-10,-14 C-16,-26 -8,-28 -6,-28 M8,-14 C14,-26 8,-28 6,-28", 4, Rgb(0xE8DCC0));
            ink.Oval(-16, -8, 9, 5, Rgb(0x2A2426));
            ink.Oval(0, 0, 16, 19, c);
            ink.Oval(2, 14, 14, 9, Rgb(0xE9A5A5));
            ink.Dot(-3, 14, 2, Rgb(0x8A4A50));
            ink.Dot(7, 14, 2, Rgb(0x8A4A50));
            ink.Dot(-6, -3, 2.8f, Rgb(0x1A1517));
            ink.Dot(7, -3, 2.8f, Rgb(0x1A1517));
        }
    }

    public static void Sheep(Ink ink, in Pose pose)
    {
        var y = new Quadruped(30, 20, 28, 7, pose.Color, pose.Color, Rgb(0x2B2528)).Draw(ink, pose);
        for (var i = 0; i < 11; i++)
        {
            var a = i / 11f * MathF.Tau;
            ink.Dot(MathF.Cos(a) * 29, y + (MathF.Sin(a) * 16), 12, pose.Color.Dark(0.06f * (1 + MathF.Sin(a))));
        }

        ink.Oval(0, y, 30, 18, pose.Color);
        ink.Oval(38, y - 10, 12, 15, Rgb(0x35302F));
        ink.Oval(27, y - 14, 8, 4, Rgb(0x35302F));
        ink.Dot(34, y - 24, 9, pose.Color);
        ink.Dot(42, y - 14, 2.2f, SKColors.White);
    }
}
