using SkiaSharp;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing.Subjects;

/// <summary>What one makes music with, and what it is played with.</summary>
internal static class Instruments
{
    private static readonly SKColor Brass = Rgb(0xE3B24A);

    public static void Guitar(Ink ink, in Pose pose)
    {
        using (ink.At(0, 0, degrees: 12))
        {
            ink.Rect(-4, -150, 8, 100, Rgb(0x4A2E1E));
            ink.Round(-8, -164, 16, 22, 3, Rgb(0x33201A));
            ink.GradientShape("M0,-78 C22,-80 26,-58 20,-46 C36,-34 36,0 0,2 C-36,0 -36,-34 -20,-46 C-26,-58 -22,-80 0,-78 Z", -80, 2,
                pose.Color.Light(0.15f), pose.Color.Dark(0.3f));
            ink.Dot(0, -42, 10.5f, Rgb(0x241611));
            ink.Ring(0, -42, 12, 1.6f, Rgb(0xF3E2B8));
            ink.Round(-13, -16, 26, 5, 2, Rgb(0x33201A));
            ink.Stroke("M-2.4,-150 L-2.4,-14 M-0.8,-150 L-0.8,-14 M0.8,-150 L0.8,-14 M2.4,-150 L2.4,-14", 0.6f, Rgb(0xF2EEE2));
        }
    }

    public static void Violin(Ink ink, in Pose pose)
    {
        ink.Rect(-3, -92, 6, 40, Rgb(0x2A1A14));
        ink.Ring(1, -96, 4, 3, Rgb(0x5A3220));
        ink.GradientShape("M0,-58 C14,-60 19,-48 13,-38 C9,-32 10,-28 14,-24 C24,-12 16,2 0,2 C-16,2 -24,-12 -14,-24 C-10,-28 -9,-32 "
            + "-13,-38 C-19,-48 -14,-60 0,-58 Z", -60, 2, pose.Color.Light(0.1f), pose.Color.Dark(0.3f));
        ink.Stroke("M-7,-34 C-9,-28 -5,-24 -7,-18 M7,-34 C9,-28 5,-24 7,-18", 1.4f, Rgb(0x24140E));
        ink.Poly(Rgb(0x1E1512), -3, -16, 3, -16, 4.5f, 0, -4.5f, 0);
        ink.Stroke("M-1.5,-90 L-2,-14 M1.5,-90 L2,-14", 0.6f, Rgb(0xF2EEE2));
    }

    /// <summary>In the hand at (0, 0), across the strings.</summary>
    public static void Bow(Ink ink, in Pose pose)
    {
        ink.Line(4, 6, -14, -46, 1.6f, Rgb(0x6A3A22));
        ink.Line(6, 4, -11, -46, 0.8f, Rgb(0xF6F2E6));
    }

    public static void Trumpet(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        ink.Stroke("M-48,-50 L30,-50", 4, c.Dark(0.1f));
        ink.Stroke("M-14,-50 C-30,-50 -30,-34 -14,-34 L16,-34 C30,-34 30,-50 16,-50", 3.6f, c);
        ink.GradientShape("M26,-53 C38,-54 46,-60 52,-70 L52,-30 C46,-40 38,-46 26,-47 Z", -70, -30, c.Light(0.3f), c.Dark(0.25f));
        ink.Stroke("M-6,-62 L-6,-36 M2,-62 L2,-36 M10,-62 L10,-36", 4, c.Dark(0.25f));
        ink.Oval(-49, -50, 2.6f, 4.5f, c.Dark(0.3f));
    }

    public static void Flute(Ink ink, in Pose pose)
    {
        ink.Line(-52, -50, 52, -50, 6, pose.Color);
        ink.Line(-52, -51.5f, 52, -51.5f, 1.6f, SKColors.White.Fade(0.7f));
        for (var i = 0; i < 7; i++)
        {
            ink.Dot(-18 + (i * 10), -50, 2, Rgb(0x4A4A52));
        }
    }

    public static void Piano(Ink ink, in Pose pose)
    {
        ink.Line(-70, -30, -70, 0, 8, Rgb(0x14141A));
        ink.Line(74, -30, 74, 0, 8, Rgb(0x14141A));
        ink.Line(10, -30, 10, 0, 8, Rgb(0x14141A));
        ink.Shape("M-84,-62 L90,-120 C100,-96 96,-76 92,-62 Z", pose.Color.Light(0.12f));
        ink.Line(20, -60, 40, -100, 3, Rgb(0xC3A04A));
        ink.GradientShape("M-92,-62 L96,-62 C100,-46 92,-30 80,-28 L-92,-28 Z", -62, -28, pose.Color.Light(0.18f), pose.Color);
        ink.Rect(-92, -46, 74, 9, SKColors.White);
        for (var i = 0; i < 14; i++)
        {
            ink.Rect(-90 + (i * 5.2f), -46, 2.6f, i % 7 is 2 or 6 ? 0 : 5.4f, Rgb(0x14141A));
        }
    }

    public static void Drums(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        ink.Stroke("M-58,0 L-52,-88 M62,0 L58,-96", 2.4f, Rgb(0x8A9098));
        ink.Oval(-52, -89, 24, 4, Brass);
        ink.Oval(58, -97, 26, 4.5f, Brass.Light(0.15f));
        Shell(ink, -40, -46, 22, 24, c.Dark(0.1f));
        Shell(ink, 44, -38, 24, 36, c.Dark(0.1f));
        Shell(ink, -2, -62, 20, 20, c);
        ink.Dot(2, -30, 30, c.Dark(0.25f));
        ink.Dot(2, -30, 26, Rgb(0xF4F0E6));
        ink.Ring(2, -30, 28, 3, Rgb(0xC3C9D2));
    }

    private static void Shell(Ink ink, float x, float y, float r, float h, SKColor color)
    {
        ink.Rect(x - r, y, 2 * r, h, color);
        ink.Oval(x, y + h, r, r * 0.25f, color.Dark(0.25f));
        ink.Oval(x, y, r, r * 0.27f, Rgb(0xF8F5EC));
    }

    public static void Stick(Ink ink, in Pose pose) => ink.Line(-3, 3, 22, -10 + (pose.Swing(1.6f) * 4), 2.4f, Rgb(0xD9B98A));

    public static void Microphone(Ink ink, in Pose pose)
    {
        ink.Poly(Rgb(0x2A2A32), -7, -70, 7, -70, 5, 0, -5, 0);
        ink.Dot(0, -82, 15, Rgb(0x8A9098));
        ink.Stroke("M-13,-88 L13,-88 M-14,-80 L14,-80 M-6,-95 L-6,-69 M6,-95 L6,-69", 1.4f, Rgb(0x4A4E56));
    }
}
