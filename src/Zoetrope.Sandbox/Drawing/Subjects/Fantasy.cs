using SkiaSharp;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing.Subjects;

/// <summary>What one has never met: dragons, dinosaurs, robots, ghosts.</summary>
internal static class Fantasy
{
    public static void Dragon(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var flap = pose.Swing(0.55f);
        var belly = Rgb(0xF2D79A);
        using (ink.At(0, -46 + (flap * 4)))
        {
            Wing(ink, 4, -12, -28 + (flap * 24), c.Dark(0.45f));
            ink.Limb(-36, 6, -78, 34, -104, -6, 15, c.Dark(0.08f));
            ink.Limb(-92, 6, -104, -6, -116, -16, 7, c.Dark(0.08f));
            ink.Shape("M-108,-10 L-132,-12 L-120,-34 Z", c.Dark(0.35f));
            ink.Limb(-22, 12, -30, 34, -16, 42, 11, c.Dark(0.2f));
            ink.Limb(18, 12, 14, 34, 30, 40, 10, c.Dark(0.2f));
            ink.GradientShape("M-48,4 C-34,-28 20,-30 40,-8 C44,14 10,28 -14,24 C-32,22 -44,14 -48,4 Z", -28, 26, c.Light(0.1f),
                c.Dark(0.15f));
            ink.Shape("M-30,16 C-10,26 20,22 40,-2 C44,14 14,28 -14,24 Z", belly);
            ink.Limb(30, -8, 62, -14, 60, -50, 19, c);
            ink.Limb(37, -1, 68, -10, 66, -46, 5, belly);
            ink.Shape("M-36,-14 L-30,-28 L-22,-20 L-14,-34 L-6,-24 L4,-36 L10,-24 L24,-32 L28,-16 Z", c.Dark(0.4f));
            using (ink.At(62, -60, degrees: pose.Swing(0.3f) * 5))
            {
                ink.Shape("M-8,-8 L-30,-26 L-2,-16 Z M2,-12 L-12,-36 L10,-14 Z", Rgb(0xE9DDBE));
                ink.Shape("M-14,-2 C-12,-18 12,-20 22,-10 C36,-8 46,-4 48,4 C40,8 30,6 22,8 L40,12 C32,18 8,18 -4,12 C-10,10 -14,4 "
                    + "-14,-2 Z", c);
                ink.Shape("M22,8 L26,13 L29,7 L33,12 L36,6 Z", SKColors.White);
                ink.Oval(8, -8, 4.5f, 3.6f, Rgb(0xFFD84A));
                ink.Dot(9, -8, 1.8f, Rgb(0x18080A));
                ink.Dot(43, -1, 1.6f, c.Dark(0.6f));
                var breath = 0.6f + (0.4f * pose.Swing(0.7f));
                ink.Glow(72, 10, 40 * breath, Rgb(0xFF8A2A), add: true);
                ink.Shape("M44,6 C58,-4 76,-4 92,6 C84,8 88,14 96,18 C76,20 58,18 44,10 Z", Rgb(0xFF9A2E).Fade(breath));
                ink.Shape("M46,7 C56,2 66,2 76,8 C66,14 56,13 46,10 Z", Rgb(0xFFE27A).Fade(breath));
            }

            Wing(ink, -6, -14, flap * 24, c.Dark(0.2f));
        }
    }

    private static void Wing(Ink ink, float x, float y, float degrees, SKColor color)
    {
        using (ink.At(x, y, degrees: degrees))
        {
            ink.Shape("M0,4 C-10,-40 -30,-70 -66,-82 C-62,-64 -66,-54 -76,-44 C-62,-46 -54,-40 -52,-28 C-42,-34 -32,-30 -28,-14 C-20,-18 "
                + "-10,-14 0,4 Z", color);
            ink.Stroke("M0,2 C-10,-40 -30,-70 -66,-82 M-4,-16 L-76,-44 M-2,-6 L-52,-28", 2.4f, color.Dark(0.35f));
        }
    }

    public static void Dinosaur(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var step = pose.Moves ? pose.Swing(0.9f) * 18 : pose.Swing(0.2f) * 2;
        ink.Limb(-16, -42, -62, -38, -96, -22 + (pose.Swing(0.4f) * 8), 18, c.Dark(0.06f));
        ink.Limb(-70, -32, -90, -28, -112, -26 + (pose.Swing(0.4f) * 12), 8, c.Dark(0.06f));
        DinoLeg(ink, -2, -step, c.Dark(0.3f));
        ink.GradientShape("M-34,-48 C-24,-72 14,-80 34,-70 C42,-52 24,-28 -4,-26 C-22,-26 -34,-34 -34,-48 Z", -76, -26, c.Light(0.08f),
            c.Dark(0.18f));
        ink.Shape("M32,-66 C40,-52 22,-30 -4,-27 C12,-36 24,-48 32,-66 Z", c.Light(0.5f));
        ink.Limb(24, -64, 40, -76, 42, -92, 22, c);
        ink.Limb(28, -52, 40, -48, 44, -40, 6, c.Dark(0.15f));
        ink.Stroke("M44,-40 L48,-38 M44,-40 L45,-35", 2.4f, c.Dark(0.15f));
        DinoLeg(ink, -10, step, c.Dark(0.05f));
        using (ink.At(44, -100, degrees: pose.Swing(0.25f) * 6))
        {
            ink.Shape("M-16,2 C-18,-18 6,-24 18,-18 C38,-18 50,-8 50,0 C44,4 24,4 14,6 L42,10 C34,18 4,18 -8,14 Z", c);
            ink.Shape("M16,5 L20,11 L24,4.5 L28,10 L32,4 L36,9 L40,3 L44,7 L46,2 Z", SKColors.White);
            ink.Dot(10, -11, 4.4f, Rgb(0xFFE27A));
            ink.Dot(11, -11, 2.1f, Rgb(0x14100E));
            ink.Dot(44, -6, 1.8f, c.Dark(0.6f));
        }

        ink.Shape("M-28,-60 L-26,-72 L-18,-66 L-12,-78 L-4,-71 L4,-83 L10,-74 Z", c.Dark(0.35f));
    }

    private static void DinoLeg(Ink ink, float x, float step, SKColor color)
    {
        ink.Limb(x, -42, x + 12, -26, x - 4 + step, -10, 17, color);
        ink.Limb(x - 4 + step, -12, x - 4 + step, -4, x + 10 + step, -3, 8, color);
    }

    public static void Robot(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var metal = c.Mix(Rgb(0xC9D2DC), 0.35f);
        var wave = pose.Swing(0.5f) * 10;
        var gesture = pose.Gesture;
        if (gesture is { Foot: { } foot })
        {
            Limbs.Bent(ink, -10, gesture.FarFoot ?? foot, 9, metal.Dark(0.3f), metal.Dark(0.25f), metal.Dark(0.4f));
            Limbs.Bent(ink, 10, foot, 9, metal.Dark(0.2f), metal.Dark(0.15f), metal.Dark(0.4f));
        }
        else
        {
            Joint(ink, -12, -28, -12 - pose.Step(0) * 0.3f, -2, metal.Dark(0.25f));
            Joint(ink, 12, -28, 12 + pose.Step(0) * 0.3f, -2, metal.Dark(0.2f));
            ink.Round(-23, -7, 22, 8, 4, metal.Dark(0.4f));
            ink.Round(2, -7, 22, 8, 4, metal.Dark(0.4f));
        }

        var far = gesture?.Far ?? new SKPoint(-40, -34);
        Joint(ink, -26, -58, far.X, far.Y, metal.Dark(0.2f));
        if (gesture is null)
        {
            Joint(ink, 26, -58, 42, -78 + wave, metal.Dark(0.15f));
        }

        ink.GradientShape("M-24,-66 C-24,-70 24,-70 24,-66 L20,-28 C20,-24 -20,-24 -20,-28 Z", -70, -24, metal.Light(0.25f),
            metal.Dark(0.25f));
        ink.Round(-13, -58, 26, 18, 4, Rgb(0x17202E));
        for (var i = 0; i < 4; i++)
        {
            var h = 4 + (5 * (1 + pose.Swing(1.1f, i * 0.23f)));
            ink.Rect(-9 + (i * 5), -42 - h, 3.2f, h, Rgb(0x56F0C8));
        }

        ink.Line(0, -104, 0, -112, 2.4f, metal.Dark(0.3f));
        ink.Glow(0, -114, 12, Rgb(0xFF5A4A));
        ink.Dot(0, -114, 3.4f, Rgb(0xFF6A5A));
        ink.Dot(-27, -88, 6, metal.Dark(0.3f));
        ink.Dot(27, -88, 6, metal.Dark(0.3f));
        ink.GradientShape("M-26,-98 C-26,-106 26,-106 26,-98 L26,-78 C26,-71 -26,-71 -26,-78 Z", -106, -71, metal.Light(0.35f),
            metal.Dark(0.1f));
        ink.Round(-20, -97, 40, 20, 8, Rgb(0x121826));
        foreach (var x in (ReadOnlySpan<float>)[-9f, 9f])
        {
            ink.Glow(x, -87, 12, Rgb(0x4AE0FF).Fade(0.7f));
            using (ink.At(x, -87, 1, pose.Eye))
            {
                ink.Dot(0, 0, 5, Rgb(0x8CF2FF));
            }
        }

        if (gesture is not null)
        {
            var near = gesture.Near ?? new SKPoint(40, -34);
            gesture.Front?.Invoke(ink);
            Joint(ink, 26, -58, near.X, near.Y, metal.Dark(0.15f));
        }
    }

    private static void Joint(Ink ink, float x1, float y1, float x2, float y2, SKColor color)
    {
        ink.Line(x1, y1, x2, y2, 8, color);
        ink.Dot(x1, y1, 6.5f, color.Light(0.2f));
        ink.Dot(x2, y2, 6, color.Light(0.3f));
    }

    public static void Ghost(Ink ink, in Pose pose)
    {
        var y = pose.Swing(0.3f) * 6;
        using (ink.At(0, y - 12))
        {
            ink.Glow(0, -50, 80, Rgb(0xBFD8FF).Fade(0.5f));
            ink.Shape("M-34,0 L-34,-60 C-34,-106 34,-106 34,-60 L34,0 C28,-10 22,-10 17,0 C12,8 5,8 0,0 C-5,-10 -12,-10 -17,0 C-22,8 "
                + "-28,8 -34,0 Z", pose.Color.Fade(0.92f));
            ink.Oval(-11, -64, 5.5f, 8, Rgb(0x22243A));
            ink.Oval(13, -64, 5.5f, 8, Rgb(0x22243A));
            ink.Oval(1, -46, 6, 8, Rgb(0x22243A));
        }
    }

    public static void Mermaid(Ink ink, in Pose pose)
    {
        var wag = pose.Swing(0.4f) * 10;
        ink.Limb(0, -50, 4 + wag, -26, -14 + wag, -4, 18, Rgb(0x2AA79A));
        ink.Shape("M-14,-8 C-34,-14 -48,-4 -52,8 C-38,2 -28,4 -20,12 C-16,4 -10,-2 -6,-4 Z", Rgb(0x2AA79A).Light(0.2f));
        ink.Shape("M-14,-98 C-26,-76 -22,-56 -16,-46 L8,-60 L12,-96 Z", Rgb(0xB5452A));
        ink.GradientShape("M-12,-74 C-6,-78 8,-78 12,-74 L10,-46 L-10,-46 Z", -76, -44, Rgb(0xF2C9A8), Rgb(0x2AA79A));
        ink.Dot(-5, -66, 5, pose.Color);
        ink.Dot(6, -66, 5, pose.Color);
        ink.Limb(12, -72, 28, -64, 34, -80 + wag, 6, Rgb(0xF2C9A8));
        ink.Oval(1, -88, 11, 12, Rgb(0xF2C9A8));
        ink.Shape("M-12,-86 C-14,-106 16,-106 13,-88 C8,-96 -2,-98 -12,-86 Z", Rgb(0xB5452A));
        ink.Dot(4, -88, 1.4f, Rgb(0x1A1416));
        ink.Dot(9, -88, 1.4f, Rgb(0x1A1416));
    }
}
