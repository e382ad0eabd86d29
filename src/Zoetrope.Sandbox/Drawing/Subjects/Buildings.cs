using SkiaSharp;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing.Subjects;

/// <summary>What people build and leave standing.</summary>
internal static class Buildings
{
    public static void House(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var pane = pose.Dark ? Rgb(0xFFD27A) : Rgb(0x8FC4DE);
        ink.Rect(22, -96, 13, 34, Rgb(0x8A4A3A));
        for (var i = 0; i < 3; i++)
        {
            var puff = ((pose.T * 0.18f) + (i / 3f)) % 1;
            ink.Dot(30 + (puff * 18), -100 - (puff * 44), 5 + (puff * 9), SKColors.White.Fade(0.5f * (1 - puff)));
        }

        ink.GradientShape("M-50,-52 L50,-52 L50,0 L-50,0 Z", -52, 0, c, c.Dark(0.14f));
        ink.Poly(Rgb(0xA8483A), -60, -50, 0, -100, 60, -50);
        ink.Poly(Rgb(0x7A3028), 0, -100, 60, -50, 48, -50, 0, -90);
        ink.Round(-11, -34, 22, 34, 3, Rgb(0x6A4028));
        ink.Dot(7, -16, 1.8f, Rgb(0xE3B24A));
        foreach (var x in (ReadOnlySpan<float>)[-42f, 20f])
        {
            if (pose.Dark)
            {
                ink.Glow(x + 11, -32, 34, pane.Fade(0.6f));
            }

            ink.Rect(x - 2, -44, 26, 24, Rgb(0xF7F1E4));
            ink.Rect(x, -42, 22, 20, pane);
            ink.Line(x + 11, -42, x + 11, -22, 2, Rgb(0xF7F1E4));
        }
    }

    public static void Castle(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var pane = pose.Dark ? Rgb(0xFFD27A) : Rgb(0x3A3A48);
        Tower(ink, -58, 68, 26, c.Dark(0.12f), pane, pose.T);
        Tower(ink, 58, 68, 26, c.Dark(0.16f), pane, pose.T);
        Tower(ink, 0, 108, 30, c.Dark(0.05f), pane, pose.T);
        ink.GradientShape("M-60,-42 L-52,-42 L-52,-50 L-42,-50 L-42,-42 L-30,-42 L-30,-50 L-20,-50 L-20,-42 L-8,-42 L-8,-50 L8,-50 "
            + "L8,-42 L20,-42 L20,-50 L30,-50 L30,-42 L42,-42 L42,-50 L52,-50 L52,-42 L60,-42 L60,0 L-60,0 Z", -50, 0, c.Light(0.08f),
            c.Dark(0.2f));
        ink.Shape("M-14,0 L-14,-20 C-14,-36 14,-36 14,-20 L14,0 Z", Rgb(0x4A3020));
        ink.Stroke("M-50,-22 L-42,-22 M-34,-12 L-26,-12 M30,-26 L38,-26 M42,-12 L50,-12", 2, c.Dark(0.3f).Fade(0.6f));
        Tower(ink, -34, 84, 22, c, pane, pose.T);
        Tower(ink, 36, 90, 22, c.Dark(0.05f), pane, pose.T);
    }

    private static void Tower(Ink ink, float x, float height, float width, SKColor color, SKColor pane, float t)
    {
        using (ink.At(x, 0))
        {
            ink.Rect(-width / 2, -height, width, height, color);
            ink.Rect(width * 0.18f, -height, width * 0.32f, height, color.Dark(0.14f));
            ink.Rect((-width / 2) - 3, -height, width + 6, 7, color.Light(0.1f));
            ink.Poly(Rgb(0x3F5C9A), (-width / 2) - 5, -height, 0, -height - (width * 1.3f), (width / 2) + 5, -height);
            ink.Shape("M-3,-40 L-3,-48 C-3,-53 3,-53 3,-48 L3,-40 Z", pane);
            ink.Round(-3, -height + 14, 6, 12, 3, pane);
            var top = -height - (width * 1.3f);
            ink.Line(0, top, 0, top - 12, 1.2f, color.Dark(0.4f));
            ink.Poly(Rgb(0xD5332B), 0, top - 12, 13, top - 9 + (MathF.Sin(t * 4) * 1.5f), 0, top - 5);
        }
    }

    public static void Lighthouse(Ink ink, in Pose pose)
    {
        ink.Shape("M-64,6 C-50,-12 -26,-14 -10,-12 C14,-16 44,-12 62,6 Z", Rgb(0x6E665E));
        ink.Shape("M-36,6 C-24,-8 6,-8 20,6 Z", Rgb(0x857C72));
        ink.Rect(14, -30, 28, 20, Rgb(0xF3EEE2));
        ink.Poly(Rgb(0xA8483A), 10, -30, 28, -42, 46, -30);
        ink.GradientShape("M-15,-10 L-10,-84 L10,-84 L15,-10 Z", -84, -10, SKColors.White, Rgb(0xE4E0D6));
        ink.Poly(pose.Color, -13.9f, -26, -12.8f, -42, 12.8f, -42, 13.9f, -26);
        ink.Poly(pose.Color, -11.8f, -57, -10.9f, -71, 10.9f, -71, 11.8f, -57);
        ink.Poly(SKColors.Black.Fade(0.12f), 4, -84, 10, -84, 15, -10, 6, -10);
        ink.Round(-3, -54, 6, 9, 3, Rgb(0x3A4458));
        ink.Round(-14, -88, 28, 5, 1.5f, Rgb(0x2E3440));
        ink.Rect(-8, -102, 16, 14, Rgb(0xFFF0A8));
        ink.Stroke("M-8,-102 L-8,-88 M0,-102 L0,-88 M8,-102 L8,-88", 1.6f, Rgb(0x2E3440));
        ink.Shape("M-11,-102 C-8,-114 8,-114 11,-102 Z", pose.Color);
        var beam = MathF.Cos(pose.T * 0.9f);
        ink.Glow(0, -95, 30, Rgb(0xFFF3B0).Fade(pose.Dark ? 0.95f : 0.5f), add: true);
        ink.Poly(Rgb(0xFFF6C4).Fade(pose.Dark ? 0.3f : 0.14f), 0, -97, 340 * beam, -128, 340 * beam, -76, 0, -93);
    }

    public static void Windmill(Ink ink, in Pose pose)
    {
        ink.GradientShape("M-22,0 L-13,-68 L13,-68 L22,0 Z", -68, 0, pose.Color, pose.Color.Dark(0.2f));
        ink.Shape("M-17,-66 C-14,-86 14,-86 17,-66 Z", Rgb(0x8A3A2E));
        ink.Round(-6, -20, 12, 20, 5, Rgb(0x5A3620));
        ink.Round(-4, -48, 8, 10, 3, pose.Dark ? Rgb(0xFFD27A) : Rgb(0x4A6A80));
        for (var i = 0; i < 4; i++)
        {
            using (ink.At(0, -72, degrees: (pose.T * 28) + (i * 90)))
            {
                ink.Line(0, 0, 0, -50, 2.4f, Rgb(0x5A3E28));
                ink.Rect(1, -49, 12, 38, Rgb(0xF6EFDC));
                ink.Stroke("M1,-40 L13,-40 M1,-30 L13,-30 M1,-20 L13,-20", 1, Rgb(0x8A6844));
            }
        }

        ink.Dot(0, -72, 4, Rgb(0x3A2A1E));
    }

    public static void Bridge(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        foreach (var x in (ReadOnlySpan<float>)[-80f, 80f])
        {
            ink.Rect(x - 7, -98, 14, 104, c.Dark(0.1f));
            ink.Rect(x + 2, -98, 5, 104, c.Dark(0.3f));
            ink.Rect(x - 10, -100, 20, 5, c);
        }

        ink.Stroke("M-220,-34 C-150,-44 -110,-70 -80,-96 C-40,-30 40,-30 80,-96 C110,-70 150,-44 220,-34", 3.4f, c);
        for (var i = -9; i <= 9; i++)
        {
            var x = i * 8f;
            ink.Line(x, -30, x, -47 - (i * i * 0.55f), 1, c.Dark(0.1f));
        }

        ink.Rect(-240, -32, 480, 8, c.Dark(0.2f));
        ink.Rect(-240, -34, 480, 3, c.Light(0.15f));
    }

    public static void Tent(Ink ink, in Pose pose)
    {
        if (pose.Dark)
        {
            ink.Glow(0, -30, 90, Rgb(0xFFC25A).Fade(0.6f));
        }

        ink.GradientShape("M-70,0 L-6,-84 L70,0 Z", -84, 0, pose.Color, pose.Color.Dark(0.3f));
        ink.Poly(pose.Color.Dark(0.35f), -6, -84, 70, 0, 40, 0);
        ink.Poly(pose.Dark ? Rgb(0xFFD98A) : Rgb(0x33261E), -6, -62, 14, 0, -30, 0);
    }

    public static void Pyramid(Ink ink, in Pose pose)
    {
        ink.Poly(pose.Color, -90, 0, -4, -100, 30, 0);
        ink.Poly(pose.Color.Dark(0.32f), -4, -100, 96, 0, 30, 0);
        for (var i = 1; i < 9; i++)
        {
            var y = -i * 11f;
            ink.Line(-90 - (y * 0.86f), y, 30 + (y * 0.34f), y, 0.8f, pose.Color.Dark(0.2f).Fade(0.6f));
        }
    }
}
