using SkiaSharp;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing.Subjects;

/// <summary>What one sits or stands on to get about, beside cars and ships.</summary>
internal static class Rides
{
    public static void Bicycle(Ink ink, in Pose pose)
    {
        foreach (var x in (ReadOnlySpan<float>)[-46f, 46f])
        {
            ink.Ring(x, -34, 32, 4.5f, Rgb(0x2A2A30));
            using (ink.At(x, -34, degrees: pose.T * 90))
            {
                ink.Stroke("M-30,0 L30,0 M0,-30 L0,30 M-21,-21 L21,21 M-21,21 L21,-21", 0.9f, Rgb(0xB8BEC8));
            }
        }

        ink.Stroke("M-46,-34 L-20,-78 L34,-82 L0,-34 Z M-20,-78 L0,-34 M34,-82 L46,-34 M34,-82 L32,-98 L44,-100 M-20,-78 L-24,-90", 5,
            pose.Color);
        ink.Oval(-24, -92, 14, 4.5f, Rgb(0x3A2A22));
        ink.Ring(0, -34, 8, 3, Rgb(0x4A4A52));
    }

    public static void Motorbike(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        Vehicles.Wheel(ink, -58, -26, 26, pose.T);
        Vehicles.Wheel(ink, 62, -26, 26, pose.T);
        ink.Line(62, -26, 40, -78, 6, Rgb(0x9AA2AC));
        ink.Stroke("M40,-78 L30,-94 L20,-96", 5, Rgb(0x2A2A30));
        ink.Line(-58, -26, 0, -34, 7, Rgb(0x3A3E48));
        ink.Round(-18, -48, 40, 32, 6, Rgb(0x5A626E));
        ink.Line(-10, -18, -74, -16, 6, Rgb(0xC3C9D2));
        ink.GradientShape("M-6,-62 C0,-78 34,-80 44,-64 L36,-46 L0,-46 Z", -78, -46, c.Light(0.15f), c.Dark(0.2f));
        ink.Shape("M-66,-66 C-56,-70 -20,-66 -4,-62 L-2,-50 L-40,-50 C-54,-52 -62,-58 -66,-66 Z", Rgb(0x23201E));
        ink.Shape("M38,-46 C44,-62 84,-60 88,-36 L80,-38 C74,-50 54,-52 38,-46 Z", c);
        ink.Dot(50, -74, 8, Rgb(0xFFF4C8));
        if (pose.Dark)
        {
            ink.Glow(90, -70, 70, Rgb(0xFFF2B0).Fade(0.7f));
        }
    }

    public static void Tractor(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        ink.Line(46, -62, 46, -92, 4, Rgb(0x3A3E48));
        ink.GradientShape("M-10,-66 L72,-66 C80,-66 82,-40 78,-30 L-10,-30 Z", -66, -30, c.Light(0.12f), c.Dark(0.2f));
        ink.Stroke("M60,-58 L74,-58 M60,-50 L75,-50 M60,-42 L76,-42", 2.4f, c.Dark(0.4f));
        ink.Line(2, -66, -2, -84, 3, Rgb(0x2A2A30));
        ink.Round(-48, -74, 34, 8, 3, Rgb(0x2A2A30));
        ink.Line(-46, -74, -50, -98, 6, Rgb(0x2A2A30));
        ink.Round(-60, -60, 54, 30, 8, c.Dark(0.12f));
        Vehicles.Wheel(ink, -38, -36, 36, pose.T);
        Vehicles.Wheel(ink, 60, -20, 20, pose.T);
    }

    public static void Rowboat(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        ink.GradientShape("M-104,-34 C-60,-26 60,-26 108,-38 C100,-10 80,6 50,8 L-56,8 C-84,4 -98,-12 -104,-34 Z", -36, 8, c.Light(0.1f),
            c.Dark(0.3f));
        ink.Stroke("M-104,-34 C-60,-26 60,-26 108,-38", 4, c.Light(0.4f));
        ink.Stroke("M-94,-16 C-50,-9 50,-9 98,-18", 1.6f, c.Dark(0.4f));
    }

    /// <summary>In the hands at (0, 0); its blade is in the water.</summary>
    public static void Oar(Ink ink, in Pose pose)
    {
        ink.Line(-6, -4, 34, 54, 2.8f, Rgb(0xC79A66));
        ink.Line(34, 54, 40, 64, 7, Rgb(0xC79A66));
    }

    public static void Skateboard(Ink ink, in Pose pose)
    {
        ink.Stroke("M-88,-28 L-66,-20 L66,-20 L88,-28", 8, pose.Color);
        Vehicles.Wheel(ink, -52, -9, 9, pose.T);
        Vehicles.Wheel(ink, 52, -9, 9, pose.T);
    }

    public static void Surfboard(Ink ink, in Pose pose)
    {
        ink.Shape("M-120,6 C-70,-30 40,-44 120,-70 C150,-40 120,10 96,22 L-90,22 Z", Rgb(0x3E9AC9).Fade(0.75f));
        ink.Stroke("M-116,4 C-70,-30 40,-42 116,-66", 5, SKColors.White.Fade(0.85f));
        ink.GradientShape("M-104,-6 C-60,-16 70,-20 108,-26 C104,-8 60,0 -20,2 C-60,4 -96,2 -104,-6 Z", -26, 4, SKColors.White, pose.Color);
        ink.Stroke("M-112,16 C-60,6 40,10 116,14", 6, SKColors.White.Fade(0.8f));
    }

    public static void Skis(Ink ink, in Pose pose)
    {
        ink.Stroke("M-72,-2 L70,-2 C78,-2 82,-6 84,-12", 4.5f, pose.Color.Dark(0.2f));
        ink.Stroke("M-66,-7 L76,-7 C84,-7 88,-11 90,-17", 4.5f, pose.Color);
    }

    public static void Pole(Ink ink, in Pose pose)
    {
        ink.Line(0, -4, -14, 52, 1.6f, Rgb(0x3A3E48));
        ink.Dot(-13, 47, 2.6f, Rgb(0x3A3E48));
    }
}
