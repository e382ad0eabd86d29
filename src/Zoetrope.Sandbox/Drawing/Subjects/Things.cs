using SkiaSharp;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing.Subjects;

/// <summary>Food, lamps and other things one can put on a table.</summary>
internal static class Things
{
    public static void Apple(Ink ink, in Pose pose)
    {
        ink.Shape("M0,-78 C-2,-90 2,-98 8,-102 L12,-98 C6,-94 4,-88 4,-78 Z", Rgb(0x5A3E28));
        ink.Shape("M6,-88 C14,-104 34,-104 42,-94 C34,-82 16,-80 6,-88 Z", Rgb(0x5DAE45));
        ink.GradientShape("M0,-76 C18,-92 50,-82 48,-46 C46,-14 22,4 0,-2 C-22,4 -46,-14 -48,-46 C-50,-82 -18,-92 0,-76 Z", -86, 2,
            pose.Color.Light(0.18f), pose.Color.Dark(0.3f));
        ink.Oval(-24, -58, 8, 14, SKColors.White.Fade(0.45f));
    }

    public static void Cake(Ink ink, in Pose pose)
    {
        ink.Oval(0, -2, 66, 9, Rgb(0xE8E4DC));
        Tier(ink, 52, -4, 38, pose.Color.Light(0.1f));
        Tier(ink, 34, -42, 30, pose.Color.Light(0.35f));
        for (var i = -1; i <= 1; i++)
        {
            ink.Rect((i * 16) - 2, -90, 4, 18, i == 0 ? Rgb(0x4AA8D8) : Rgb(0xF4C52E));
            ink.Glow(i * 16, -96, 16, Rgb(0xFFD27A).Fade(0.9f));
            ink.Oval((i * 16) + (pose.Swing(2.1f, i * 0.3f) * 0.8f), -96, 3, 6, Rgb(0xFFB03A));
        }
    }

    private static void Tier(Ink ink, float r, float y, float h, SKColor color)
    {
        using (ink.At(0, y))
        {
            ink.Oval(0, 0, r, r * 0.16f, color.Dark(0.25f));
            ink.Gradient(new SKRect(-r, -h, r, 0), color, color.Dark(0.2f));
            ink.Oval(0, -h, r, r * 0.16f, Rgb(0xFFF6EE));
            for (var i = 0; i < 7; i++)
            {
                ink.Round(-r + (i * r * 2 / 7), -h, r * 2 / 7.6f, h * (i % 2 == 0 ? 0.42f : 0.28f), r * 0.12f, Rgb(0xFFF6EE));
            }
        }
    }

    public static void Pizza(Ink ink, in Pose pose)
    {
        ink.Oval(0, -34, 94, 36, Rgb(0xE8E4DC));
        ink.Oval(0, -38, 84, 31, Rgb(0xC98A45));
        ink.Oval(0, -40, 75, 26, Rgb(0xD5432B));
        ink.Oval(0, -41, 71, 24, Rgb(0xF6CB5C));
        for (var i = 0; i < 9; i++)
        {
            var a = i * 2.4f;
            var d = 0.3f + (0.5f * pose.Dice.At(i));
            ink.Oval(MathF.Cos(a) * 66 * d, -41 + (MathF.Sin(a) * 22 * d), 10, 5, Rgb(0xB8352B));
            ink.Oval(MathF.Cos(a + 0.7f) * 60 * d, -41 + (MathF.Sin(a + 0.7f) * 19 * d), 5, 2.6f, Rgb(0x3F8A3E));
        }

        ink.Stroke("M-82,-40 L82,-40 M-46,-60 L46,-20 M-46,-20 L46,-60", 1.2f, Rgb(0xB57A34));
        Steam(ink, pose, 0, -70);
    }

    public static void Coffee(Ink ink, in Pose pose)
    {
        ink.Oval(0, -3, 62, 9, Rgb(0xEDE8DE).Dark(0.06f));
        ink.Oval(0, -6, 54, 7, Rgb(0xF7F3EA));
        ink.Ring(44, -36, 16, 7, pose.Color.Dark(0.1f));
        ink.GradientShape("M-42,-64 L42,-64 C42,-24 28,-6 14,-5 L-14,-5 C-28,-6 -42,-24 -42,-64 Z", -64, -5, pose.Color,
            pose.Color.Dark(0.22f));
        ink.Oval(0, -64, 42, 9, pose.Color.Light(0.3f));
        ink.Oval(0, -63, 37, 7, Rgb(0x4A2A1A));
        ink.Oval(-4, -64, 18, 3.2f, Rgb(0xC99A6A));
        Steam(ink, pose, 0, -74);
    }

    public static void Steam(Ink ink, in Pose pose, float x, float y)
    {
        for (var i = -1; i <= 1; i++)
        {
            var s = pose.Swing(0.3f, i * 0.25f) * 9;
            ink.Limb(x + (i * 15), y, x + (i * 15) + s, y - 18, x + (i * 15) - (s * 0.6f), y - 38, 5, SKColors.White.Fade(0.28f));
        }
    }

    public static void Book(Ink ink, in Pose pose)
    {
        ink.Shape("M-78,-8 L-78,-58 C-50,-74 -20,-70 0,-58 C20,-70 50,-74 78,-58 L78,-8 C50,-22 20,-18 0,-4 C-20,-18 -50,-22 -78,-8 Z",
            pose.Color);
        ink.Shape("M-71,-16 L-71,-62 C-46,-76 -20,-72 0,-60 L0,-10 C-20,-24 -46,-26 -71,-16 Z", Rgb(0xFBF5E6));
        ink.Shape("M71,-16 L71,-62 C46,-76 20,-72 0,-60 L0,-10 C20,-24 46,-26 71,-16 Z", Rgb(0xEFE6D2));
        ink.Stroke("M-60,-54 C-42,-62 -24,-60 -10,-52 M-60,-43 C-42,-51 -24,-49 -10,-41 M-60,-32 C-42,-40 -24,-38 -10,-30 M60,-54 "
            + "C42,-62 24,-60 10,-52 M60,-43 C42,-51 24,-49 10,-41 M60,-32 C42,-40 24,-38 10,-30", 1.8f, Rgb(0x8A8070).Fade(0.7f));
    }

    public static void Lamp(Ink ink, in Pose pose)
    {
        ink.Glow(0, -74, 110, Rgb(0xFFD98A).Fade(0.75f));
        ink.Oval(0, -3, 26, 6, Rgb(0x3A3438));
        ink.Line(0, -6, 0, -60, 5, Rgb(0x4A4448));
        ink.GradientShape("M-18,-104 L18,-104 L38,-58 L-38,-58 Z", -104, -58, pose.Color.Light(0.25f), pose.Color.Light(0.65f));
    }

    public static void Candle(Ink ink, in Pose pose)
    {
        var f = pose.Swing(1.7f) * 2;
        ink.Glow(0, -86, 90, Rgb(0xFFC25A).Fade(0.7f));
        ink.GradientShape("M-16,-64 C-10,-68 10,-68 16,-64 L16,0 L-16,0 Z", -68, 0, pose.Color, pose.Color.Dark(0.2f));
        ink.Line(0, -66, 0, -73, 2, Rgb(0x2A2220));
        ink.Shape("M0,-104 C12,-90 12,-76 0,-70 C-12,-76 -12,-90 0,-104 Z", Rgb(0xFFA82E));
        ink.Oval(f * 0.4f, -78, 4, 8, Rgb(0xFFF3C4));
    }

    public static void Campfire(Ink ink, in Pose pose)
    {
        ink.Glow(0, -36, 190, Rgb(0xFF8A2A).Fade(0.6f + (0.1f * pose.Swing(1.9f))), add: true);
        ink.Line(-46, -4, 36, -18, 13, Rgb(0x5A3A26));
        ink.Line(46, -4, -36, -18, 13, Rgb(0x6A4630));
        for (var i = 0; i < 5; i++)
        {
            var x = (i - 2) * 13f;
            var h = 54 + (pose.Swing(1.4f, i * 0.21f) * 14) + (18 - (MathF.Abs(i - 2) * 12));
            using (ink.At(x, -12, 1, h / 60, pose.Swing(1.1f, i * 0.3f) * 7))
            {
                ink.Shape("M-15,0 C-20,-24 -4,-34 0,-64 C6,-38 20,-26 15,0 Z", Rgb(0xF4682A).Fade(0.92f));
                ink.Shape("M-9,0 C-12,-16 -2,-24 0,-42 C4,-26 12,-16 9,0 Z", Rgb(0xFFC23A));
            }
        }

        ink.Glow(0, -20, 34, Rgb(0xFFF0B0).Fade(0.85f), add: true);
        for (var i = 0; i < 12; i++)
        {
            var rise = ((pose.T * 0.4f) + pose.Dice.At(i)) % 1;
            ink.Dot((pose.Dice.Range(i + 30, -40, 40) * (0.5f + rise)) + (MathF.Sin((rise * 9) + i) * 6), -40 - (rise * 120), 1.8f,
                Rgb(0xFFC25A).Fade(1 - rise));
        }
    }

    public static void Fireworks(Ink ink, in Pose pose)
    {
        var age = ((pose.T * 0.42f) + pose.Dice.At(3)) % 1;
        var reach = 70 * (1 - MathF.Pow(1 - age, 3));
        var color = pose.Color;
        ink.Glow(0, -50, reach * 1.4f, color.Fade(0.35f * (1 - age)), add: true);
        for (var i = 0; i < 26; i++)
        {
            var a = (i / 26f * MathF.Tau) + pose.Dice.At(9);
            var r = reach * (i % 2 == 0 ? 1 : 0.64f);
            var fall = age * age * 22;
            var tail = MathF.Max(0.25f, 1 - (age * 0.6f));
            ink.Line(MathF.Cos(a) * r * (1 - (0.4f * tail)), -50 + (MathF.Sin(a) * r * (1 - (0.4f * tail))) + (fall * 0.5f),
                MathF.Cos(a) * r, -50 + (MathF.Sin(a) * r) + fall, 1.7f, color.Light(0.35f).Fade(1.1f - age));
            ink.Dot(MathF.Cos(a) * r, -50 + (MathF.Sin(a) * r) + fall, 2.1f, SKColors.White.Fade(1 - age));
        }
    }

    public static void Crystal(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        ink.Glow(0, -56, 90, c.Light(0.4f).Fade(0.5f));
        ink.Poly(c.Light(0.35f), -50, -68, -26, -100, 26, -100, 50, -68);
        ink.Poly(c.Light(0.1f), -50, -68, -16, -68, 0, 0);
        ink.Poly(c.Light(0.5f), -16, -68, 16, -68, 0, 0);
        ink.Poly(c.Dark(0.22f), 16, -68, 50, -68, 0, 0);
        ink.Poly(c.Light(0.65f), -26, -100, -16, -68, 0, -100);
        ink.Poly(c.Light(0.2f), 26, -100, 16, -68, 0, -100);
        var s = 0.5f + (0.5f * pose.Swing(0.5f));
        ink.Line(-30, -92, -30 + (10 * s), -92, 1.5f, SKColors.White);
        ink.Glow(-24, -84, 18 * s, SKColors.White);
    }

    public static void Heart(Ink ink, in Pose pose)
    {
        var beat = 1 + (0.05f * MathF.Max(0, pose.Swing(1.1f)));
        using (ink.At(0, -50, beat, beat))
        {
            ink.GradientShape("M0,50 C-60,6 -60,-44 -28,-48 C-12,-49 -3,-40 0,-28 C3,-40 12,-49 28,-48 C60,-44 60,6 0,50 Z", -50, 50,
                pose.Color.Light(0.2f), pose.Color.Dark(0.25f));
            ink.Oval(-24, -26, 9, 13, SKColors.White.Fade(0.4f));
        }
    }

    public static void Snowman(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        ink.Ball(0, -26, 30, c);
        ink.Stroke("M-20,-58 L-48,-74 M20,-58 L48,-74 M-42,-71 L-48,-82 M42,-71 L50,-66", 2.6f, Rgb(0x5A3E28));
        ink.Ball(0, -64, 22, c);
        ink.Ball(0, -94, 16, c);
        ink.Round(-15, -81, 30, 6, 3, Rgb(0xC93A3A));
        ink.Round(6, -80, 7, 20, 3, Rgb(0xC93A3A).Dark(0.1f));
        ink.Dot(-5, -98, 2.2f, Rgb(0x1A1618));
        ink.Dot(6, -98, 2.2f, Rgb(0x1A1618));
        ink.Poly(Rgb(0xF0822A), 1, -95, 1, -90, 22, -91);
        ink.Dot(0, -68, 2.4f, Rgb(0x1A1618));
        ink.Dot(0, -58, 2.4f, Rgb(0x1A1618));
        ink.Rect(-12, -126, 24, 18, Rgb(0x23242E));
        ink.Round(-19, -111, 38, 5, 2, Rgb(0x23242E));
    }

    public static void Umbrella(Ink ink, in Pose pose)
    {
        ink.Limb(0, -80, 0, -30, 0, -10, 3.4f, Rgb(0x4A3A30));
        ink.Limb(0, -10, 2, 2, 12, -4, 3.4f, Rgb(0x4A3A30));
        ink.GradientShape("M-60,-52 C-54,-118 54,-118 60,-52 C50,-60 40,-60 30,-52 C20,-60 10,-60 0,-52 C-10,-60 -20,-60 -30,-52 "
            + "C-40,-60 -50,-60 -60,-52 Z", -104, -52, pose.Color.Light(0.15f), pose.Color.Dark(0.15f));
        ink.Stroke("M0,-102 C-14,-90 -26,-70 -30,-52 M0,-102 C14,-90 26,-70 30,-52", 1.4f, pose.Color.Dark(0.4f));
    }

    public static void Ball(Ink ink, in Pose pose)
    {
        var y = pose.Moves ? -MathF.Abs(pose.Swing(0.6f)) * 60 : 0;
        ink.Ball(0, -46 + y, 46, pose.Color);
    }

    public static void Bottle(Ink ink, in Pose pose)
    {
        ink.GradientShape("M-8,-104 L8,-104 L8,-80 C22,-72 24,-62 24,-52 L24,-6 C24,0 -24,0 -24,-6 L-24,-52 C-24,-62 -22,-72 -8,-80 Z",
            -104, 0, pose.Color.Light(0.35f), pose.Color.Dark(0.2f));
        ink.Round(-10, -114, 20, 14, 3, Rgb(0x2A2A32));
        ink.Round(-24, -50, 48, 28, 1, Rgb(0xFBF6EA));
        ink.Line(-14, -38, 14, -38, 2, pose.Color.Dark(0.3f));
        ink.Line(-9, -32, 9, -32, 1.4f, pose.Color.Dark(0.3f));
        ink.Round(-18, -72, 5, 62, 2.5f, SKColors.White.Fade(0.45f));
    }

    public static void Shoe(Ink ink, in Pose pose)
    {
        ink.Shape("M-92,-16 L96,-16 C102,-6 98,0 90,0 L-84,0 C-92,0 -94,-8 -92,-16 Z", Rgb(0xF7F4EC));
        ink.GradientShape("M-90,-16 C-94,-40 -92,-64 -86,-74 C-72,-62 -52,-64 -40,-80 C-26,-78 -16,-70 -4,-56 C20,-42 50,-40 74,-34 "
            + "C92,-30 98,-22 96,-16 Z", -80, -16, pose.Color.Light(0.1f), pose.Color.Dark(0.2f));
        ink.Stroke("M-30,-62 L-8,-74 M-20,-54 L2,-64 M-8,-47 L14,-56", 4, SKColors.White);
        ink.Stroke("M-70,-24 C-30,-22 0,-30 26,-44", 6, SKColors.White.Fade(0.9f));
    }

    public static void Lantern(Ink ink, in Pose pose)
    {
        var f = 0.8f + (0.15f * pose.Swing(0.9f));
        ink.Glow(0, -48, 95, Rgb(0xFFB24A).Fade(0.7f * f), add: true);
        ink.GradientShape("M-24,-88 L24,-88 L32,-12 C20,-6 -20,-6 -32,-12 Z", -88, -8, pose.Color.Light(0.35f), Rgb(0xFFD98A));
        ink.Stroke("M-10,-88 L-13,-10 M10,-88 L13,-10", 1.5f, pose.Color.Dark(0.2f).Fade(0.6f));
        ink.Oval(0, -11, 31, 4.5f, Rgb(0xFFF3C4));
    }
}
