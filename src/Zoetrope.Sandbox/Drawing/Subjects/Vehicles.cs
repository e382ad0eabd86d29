using SkiaSharp;
using Zoetrope.Sandbox.Scenes;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing.Subjects;

/// <summary>What carries people over land, water and sky.</summary>
internal static class Vehicles
{
    private static readonly SKColor Glass = Rgb(0xBFE3F2);

    public static void Car(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        if (pose.Dark)
        {
            ink.Glow(150, -26, 90, Rgb(0xFFF2B0).Fade(0.7f));
        }

        ink.GradientShape("M-108,-22 C-110,-48 -92,-54 -70,-56 C-52,-88 -36,-94 4,-94 C38,-94 50,-74 66,-58 C92,-54 110,-48 110,-24 "
            + "C110,-16 106,-14 100,-14 L-100,-14 C-106,-14 -108,-16 -108,-22 Z", -94, -14, c.Light(0.15f), c.Dark(0.25f));
        ink.Shape("M-60,-58 C-46,-82 -36,-86 -10,-86 L-10,-58 Z M-2,-58 L-2,-86 C28,-86 40,-74 54,-58 Z", pose.Dark ? Rgb(0x3A5068)
            : Glass);
        ink.Shape("M-34,-84 L-50,-60 L-40,-60 L-24,-84 Z", SKColors.White.Fade(0.4f));
        ink.Line(-96, -46, 98, -44, 2, c.Light(0.5f));
        ink.Round(-18, -50, 12, 3, 1.5f, c.Dark(0.5f));
        ink.Oval(103, -36, 6, 7, Rgb(0xFFF4C8));
        ink.Oval(-104, -38, 4, 7, Rgb(0xE2483A));
        foreach (var x in (ReadOnlySpan<float>)[-62f, 64f])
        {
            Wheel(ink, x, -18, 20, pose.T);
        }
    }

    public static void Bus(Ink ink, in Pose pose)
    {
        ink.GradientShape("M-108,-100 C-108,-106 108,-106 112,-98 L114,-18 C114,-12 -108,-12 -108,-18 Z", -104, -12,
            pose.Color.Light(0.1f), pose.Color.Dark(0.15f));
        for (var i = 0; i < 5; i++)
        {
            ink.Round(-98 + (i * 39), -92, 33, 32, 4, pose.Dark ? Rgb(0xFFE3A0) : Glass);
        }

        ink.Rect(-108, -46, 222, 5, SKColors.White.Fade(0.8f));
        ink.Oval(110, -26, 4, 6, Rgb(0xFFF4C8));
        Wheel(ink, -64, -16, 17, pose.T);
        Wheel(ink, 66, -16, 17, pose.T);
    }

    public static void Train(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        ink.Rect(-260, -6, 520, 4, Rgb(0x6A6460));
        for (var i = 0; i < 4; i++)
        {
            var puff = ((pose.T * 0.35f) + (i * 0.25f)) % 1;
            ink.Dot(64 - (puff * 110), -116 - (puff * 46), 9 + (puff * 24), Rgb(0xF2F2F4).Fade(0.75f * (1 - puff)));
        }

        foreach (var x in (ReadOnlySpan<float>)[-236f, -132f])
        {
            ink.Round(x, -78, 96, 60, 5, c.Mix(Rgb(0x7A2A2E), 0.5f));
            for (var i = 0; i < 4; i++)
            {
                ink.Round(x + 8 + (i * 21.5f), -68, 16, 20, 3, pose.Dark ? Rgb(0xFFD98A) : Glass);
            }

            Wheel(ink, x + 20, -11, 11, pose.T);
            Wheel(ink, x + 76, -11, 11, pose.T);
        }

        ink.Round(-28, -92, 50, 76, 4, c);
        ink.Round(-18, -82, 30, 26, 3, pose.Dark ? Rgb(0xFFD98A) : Glass);
        ink.Round(-34, -98, 62, 8, 3, c.Dark(0.4f));
        ink.GradientShape("M20,-66 L92,-66 C104,-66 104,-22 92,-22 L20,-22 Z", -66, -22, Rgb(0x4A505C), Rgb(0x23262E));
        ink.Shape("M58,-66 L54,-100 L50,-106 L80,-106 L76,-100 L72,-66 Z", Rgb(0x2A2D36));
        ink.Shape("M94,-22 L122,-4 L88,-4 Z", c.Dark(0.2f));
        ink.Dot(99, -50, 6, Rgb(0xFFF0B8));
        ink.Rect(24, -42, 70, 3, Rgb(0xE3B24A));
        Wheel(ink, -6, -17, 17, pose.T);
        Wheel(ink, 34, -14, 14, pose.T);
        Wheel(ink, 70, -14, 14, pose.T);
        var crank = pose.T * 5;
        ink.Line(-6 + (MathF.Cos(crank) * 9), -17 + (MathF.Sin(crank) * 9), 70 + (MathF.Cos(crank) * 9), -15 + (MathF.Sin(crank) * 9), 4,
            Rgb(0xC3C9D2));
    }

    public static void Sailboat(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        using (ink.At(0, 0, degrees: pose.Swing(0.22f) * 3.5f))
        {
            ink.Line(2, -106, 2, -18, 3, Rgb(0x6A4A30));
            ink.GradientShape("M-2,-102 C-40,-70 -56,-46 -58,-26 L-2,-24 Z", -102, -24, Rgb(0xFFFDF6), Rgb(0xE3DCCB));
            ink.GradientShape("M8,-98 C34,-74 48,-48 52,-26 L8,-24 Z", -98, -24, c.Light(0.25f), c);
            ink.Shape("M2,-108 L22,-102 L2,-97 Z", Rgb(0xD5332B));
            ink.GradientShape("M-66,-20 L72,-20 C66,-4 54,6 40,6 L-38,6 C-54,4 -62,-8 -66,-20 Z", -20, 6, Rgb(0x9A5A32), Rgb(0x5A3220));
            ink.Line(-66, -19, 72, -19, 3.5f, Rgb(0xF4EFE2));
        }
    }

    public static void Ship(Ink ink, in Pose pose)
    {
        using (ink.At(0, 0, degrees: pose.Swing(0.18f) * 1.6f))
        {
            ink.Round(-66, -56, 110, 18, 2, Rgb(0xF4F2EC));
            ink.Round(-52, -72, 84, 16, 2, Rgb(0xFFFFFF));
            for (var i = 0; i < 10; i++)
            {
                ink.Round(-60 + (i * 10), -51, 6, 6, 2, pose.Dark ? Rgb(0xFFD98A) : Rgb(0x5A7C98));
            }

            foreach (var x in (ReadOnlySpan<float>)[-36f, -6f])
            {
                ink.Poly(Rgb(0xD5433A), x, -72, x + 4, -98, x + 20, -98, x + 18, -72);
                ink.Rect(x + 4, -98, 16, 6, Rgb(0x23262E));
            }

            ink.GradientShape("M-104,-38 L112,-42 C104,-22 96,-4 84,6 L-86,6 C-96,-6 -102,-22 -104,-38 Z", -42, 6, pose.Color,
                pose.Color.Dark(0.4f));
            ink.Line(-100, -34, 106, -38, 3, SKColors.White);
        }
    }

    public static void Airplane(Ink ink, in Pose pose)
    {
        using (ink.At(0, -50, degrees: -8 + (pose.Swing(0.2f) * 3)))
        {
            ink.Shape("M10,-4 L-16,-44 L-4,-44 L44,-6 Z", pose.Color.Dark(0.25f));
            ink.Shape("M-80,-10 L-106,-48 L-86,-48 L-56,-12 Z", pose.Color);
            ink.GradientShape("M-98,-8 C-60,-20 40,-22 84,-16 C104,-12 116,-2 114,3 C110,12 84,16 40,16 C-20,16 -70,8 -98,-4 Z", -20, 16,
                SKColors.White, Rgb(0xC3CCD8));
            ink.Shape("M96,-12 C104,-9 108,-6 110,-2 L92,-2 Z", Rgb(0x3A5068));
            for (var i = 0; i < 9; i++)
            {
                ink.Round(-46 + (i * 14), -8, 6.5f, 7, 3, pose.Dark ? Rgb(0xFFD98A) : Rgb(0x4A7CA8));
            }

            ink.Shape("M-94,-4 C-50,8 40,14 100,10 C84,15 60,17 40,16 C-20,16 -70,8 -98,-4 Z", pose.Color);
            ink.Shape("M26,4 L-42,52 L-22,52 L56,8 Z", Rgb(0xAAB6C4));
            ink.Round(0, 20, 26, 12, 6, Rgb(0x7A8796));
        }
    }

    public static void Balloon(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        using (ink.At(pose.Swing(0.1f) * 4, pose.Swing(0.13f) * 5))
        {
            ink.Stroke("M-14,-30 L-9,-14 M14,-30 L9,-14", 1.4f, Rgb(0x4A3A2E));
            ink.GradientShape("M0,-128 C52,-128 60,-78 14,-30 L-14,-30 C-60,-78 -52,-128 0,-128 Z", -128, -30, c.Light(0.1f), c.Dark(0.2f));
            ink.Shape("M0,-128 C22,-128 26,-78 6,-30 L-6,-30 C-26,-78 -22,-128 0,-128 Z", Rgb(0xFFF1C9));
            ink.Shape("M0,-128 C-36,-126 -44,-80 -12,-30 L-14,-30 C-60,-78 -52,-128 0,-128 Z", c.Dark(0.25f));
            ink.Shape("M-46,-82 C-20,-74 20,-74 46,-82 C45,-76 43,-72 41,-68 C18,-62 -18,-62 -41,-68 C-43,-72 -45,-76 -46,-82 Z",
                Rgb(0xF4C52E).Fade(0.9f));
            ink.Round(-10, -14, 20, 15, 3, Rgb(0x8A5A33));
            ink.Rect(-10, -14, 20, 3, Rgb(0xB5793A));
            if (pose.Dark)
            {
                ink.Glow(0, -44, 40, Rgb(0xFFC25A).Fade(0.6f + (0.2f * pose.Swing(1.4f))));
            }
        }
    }

    public static void Rocket(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        var f = 1 + (0.2f * pose.Swing(6));
        using (ink.At(0, -18, degrees: pose.Motion is Motion.Fly or Motion.Natural ? 24 : 0))
        {
            ink.Glow(0, 22, 52 * f, Rgb(0xFF9A3A), add: true);
            ink.Shape("M-13,0 C-18,26 -8,40 0,58 C8,40 18,26 13,0 Z", Rgb(0xFF7A2A));
            ink.Shape("M-8,0 C-10,16 -4,24 0,34 C4,24 10,16 8,0 Z", Rgb(0xFFE27A));
            ink.Shape("M-16,-40 C-40,-20 -40,0 -36,14 L-14,-4 Z M16,-40 C40,-20 40,0 36,14 L14,-4 Z", c.Dark(0.15f));
            ink.GradientShape("M0,-112 C26,-86 26,-30 15,0 L-15,0 C-26,-30 -26,-86 0,-112 Z", -112, 0, SKColors.White, Rgb(0xCBD4DE));
            ink.Shape("M0,-112 C12,-100 18,-88 20,-76 L-20,-76 C-18,-88 -12,-100 0,-112 Z", c);
            ink.Dot(0, -54, 11, c.Dark(0.2f));
            ink.Dot(0, -54, 8, Rgb(0x9ADCF5));
            ink.Dot(-3, -57, 2.4f, SKColors.White);
            ink.Rect(-17, -8, 34, 6, c);
        }
    }

    public static void Ufo(Ink ink, in Pose pose)
    {
        using (ink.At(pose.Swing(0.2f) * 8, -50 + (pose.Swing(0.3f) * 4), degrees: pose.Swing(0.2f) * 4))
        {
            ink.Poly(Rgb(0xB8FFD8).Fade(0.22f), -26, 10, 26, 10, 70, 130, -70, 130);
            ink.GradientShape("M-30,-8 C-30,-50 30,-50 30,-8 Z", -46, -8, Rgb(0xCFF6FF).Fade(0.95f), Rgb(0x6AB8D8).Fade(0.9f));
            ink.GradientShape("M-84,4 C-60,-20 60,-20 84,4 C60,26 -60,26 -84,4 Z", -16, 22, pose.Color.Light(0.4f), pose.Color.Dark(0.3f));
            for (var i = 0; i < 6; i++)
            {
                var on = (int)((pose.T * 4) + i) % 3 == 0;
                ink.Dot(-55 + (i * 22), 8, 5, on ? Rgb(0xFFF27A) : Rgb(0xFF7A9A));
            }
        }
    }

    public static void Wheel(Ink ink, float x, float y, float r, float t)
    {
        ink.Dot(x, y, r, Rgb(0x1D1E24));
        ink.Dot(x, y, r * 0.58f, Rgb(0xB4BCC8));
        using (ink.At(x, y, r / 20, r / 20, t * 220))
        {
            ink.Stroke("M-10,0 L10,0 M0,-10 L0,10", 2.6f, Rgb(0x5A626E));
        }
    }
}
