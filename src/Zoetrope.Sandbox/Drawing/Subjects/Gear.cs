using SkiaSharp;
using Zoetrope.Sandbox.Scenes;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing.Subjects;

/// <summary>What people carry about and play with.</summary>
internal static class Gear
{
    public static void Kite(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        using (ink.At(0, -50, degrees: 18 + (pose.Swing(0.3f) * 6)))
        {
            var wave = pose.Swing(0.6f) * 8;
            ink.Limb(0, 56, 12 + wave, 76, -2 - wave, 104, 1.8f, Rgb(0xF4F0E6));
            for (var i = 0; i < 3; i++)
            {
                ink.Shape($"M{(i % 2 * 6) - 3},{66 + (i * 15)} l-9,-5 l0,10 l18,-10 l0,10 Z", (i % 2) == 0 ? Rgb(0xF4C52E) : c);
            }

            ink.Shape("M0,-56 L40,-10 L0,-10 Z", c);
            ink.Shape("M0,-56 L-40,-10 L0,-10 Z", c.Light(0.3f));
            ink.Shape("M-40,-10 L0,56 L0,-10 Z", Rgb(0xF4C52E));
            ink.Shape("M40,-10 L0,56 L0,-10 Z", Rgb(0xF4C52E).Dark(0.14f));
            ink.Stroke("M0,-56 L0,56 M-40,-10 L40,-10", 2, c.Dark(0.45f));
        }
    }

    public static void PartyBalloon(Ink ink, in Pose pose)
    {
        var sway = pose.Swing(0.25f) * 3;
        ink.Limb(0, 0, 5 - sway, -26, sway, -54, 1, Rgb(0xF4F0E6));
        using (ink.At(sway, -80))
        {
            ink.Poly(pose.Color.Dark(0.2f), -4, 29, 4, 29, 0, 23);
            ink.GradientShape("M0,26 C-12,20 -24,6 -24,-8 C-24,-24 -12,-32 0,-32 C12,-32 24,-24 24,-8 C24,6 12,20 0,26 Z", -32, 26,
                pose.Color.Light(0.2f), pose.Color.Dark(0.15f));
            ink.Oval(-10, -16, 5, 8, SKColors.White.Fade(0.5f));
        }
    }

    public static void Drone(Ink ink, in Pose pose)
    {
        ink.Stroke("M-20,-50 L-62,-62 M20,-50 L62,-62 M-18,-46 L-40,-34 M18,-46 L40,-34", 5, Rgb(0x3A3E48));
        foreach (var (x, y) in (ReadOnlySpan<(float, float)>)[(-62, -66), (62, -66), (-40, -40), (40, -40)])
        {
            ink.Oval(x, y, 26, 4, Rgb(0xC9D2DC).Fade(0.75f));
            ink.Dot(x, y + 3, 4, Rgb(0x23262E));
        }

        ink.Round(-26, -64, 52, 22, 10, pose.Color);
        ink.Dot(0, -40, 8, Rgb(0x1B1D24));
        ink.Dot(0, -40, 3.4f, Rgb(0x5AB8F0));
    }

    public static void Remote(Ink ink, in Pose pose)
    {
        ink.Round(-13, -5, 18, 9, 2.5f, Rgb(0x2A2D36));
        ink.Line(-9, -5, -11, -14, 1.2f, Rgb(0x8A9098));
    }

    public static void Frisbee(Ink ink, in Pose pose)
    {
        ink.Oval(0, -50, 50, 15, pose.Color.Dark(0.15f));
        ink.Oval(0, -53, 48, 13, pose.Color.Light(0.1f));
        ink.Oval(0, -54, 30, 7, pose.Color.Light(0.3f));
    }

    public static void Sword(Ink ink, in Pose pose)
    {
        ink.GradientShape("M-4,-26 L-3.4,-112 L0,-120 L3.4,-112 L4,-26 Z", -120, -26, Rgb(0xF2F6FA), pose.Color.Dark(0.1f));
        ink.Round(-16, -29, 32, 6, 3, Rgb(0xE3B24A));
        ink.Round(-3.4f, -24, 6.8f, 22, 3, Rgb(0x4A2E22));
        ink.Dot(0, 0, 4.5f, Rgb(0xE3B24A));
    }

    public static void Staff(Ink ink, in Pose pose)
    {
        ink.Line(0, 0, 0, -104, 5, Rgb(0x6A4630));
        ink.Glow(0, -110, 34, pose.Color.Light(0.3f).Fade(0.8f + (0.2f * pose.Swing(0.5f))));
        ink.Dot(0, -110, 9, pose.Color.Light(0.35f));
    }

    public static void Flag(Ink ink, in Pose pose)
    {
        var w = pose.Swing(0.7f) * 5;
        ink.Line(0, 0, 0, -120, 4, Rgb(0x8A6A48));
        ink.Limb(2, -102, 24, -108 - w, 52, -100 + w, 30, pose.Color);
    }

    /// <summary>Upright, and level where it is flown.</summary>
    public static void Broom(Ink ink, in Pose pose)
    {
        using (ink.At(0, pose.Motion == Motion.Fly ? -50 : 0, degrees: pose.Motion == Motion.Fly ? 84 : 0))
        {
            var along = pose.Motion == Motion.Fly ? 70 : 0;
            ink.Line(0, along - 24, 0, along - 140, 4.4f, pose.Color);
            ink.Shape(pose.Motion == Motion.Fly ? "M-4,40 L4,40 L15,84 L-15,84 Z" : "M-4,-34 L4,-34 L15,0 L-15,0 Z", Rgb(0xD9A84A));
            ink.Line(-5, along - 30, 5, along - 30, 4, Rgb(0x8A3A2A));
        }
    }

    public static void Rod(Ink ink, in Pose pose)
    {
        var bend = pose.Swing(0.3f) * 2;
        ink.Line(-8, 8, 0, 0, 4, Rgb(0x2A2420));
        ink.Limb(0, 0, 34, -38, 62, -50 + bend, 2, Rgb(0x6A4630));
        ink.Limb(62, -50 + bend, 64, -14, 63 + bend, 34, 0.8f, SKColors.White.Fade(0.85f));
        ink.Dot(63 + bend, 33, 3, Rgb(0xE2483A));
        ink.Dot(1, 4, 4, Rgb(0x4A4E56));
    }

    public static void Phone(Ink ink, in Pose pose)
    {
        ink.Round(-26, -100, 52, 100, 9, Rgb(0x1E2026));
        ink.Round(-22, -94, 44, 86, 5, Rgb(0x8FC7F0));
        ink.Round(-22, -60, 44, 52, 5, Rgb(0xC9E4F8));
    }

    public static void Laptop(Ink ink, in Pose pose)
    {
        ink.Poly(pose.Color, 34, -8, 52, -76, 58, -76, 42, -4);
        ink.Poly(Rgb(0xBFE3F8), 33, -10, 50, -74, 52, -74, 36, -8);
        ink.Poly(pose.Color.Dark(0.15f), -52, -8, 42, -8, 42, 0, -52, 0);
        ink.Line(-44, -8, 28, -8, 2, Rgb(0x3A3E48));
    }

    public static void Camera(Ink ink, in Pose pose)
    {
        ink.Round(-44, -66, 88, 60, 9, pose.Color);
        ink.Round(-16, -80, 32, 18, 4, pose.Color.Light(0.1f));
        ink.Ring(4, -36, 22, 8, Rgb(0x4A4E56));
        ink.Dot(4, -36, 18, Rgb(0x16202E));
        ink.Dot(-2, -42, 5, Rgb(0x8FC7F0));
        ink.Dot(-32, -56, 4, Rgb(0xE2483A));
    }

    public static void Box(Ink ink, in Pose pose)
    {
        ink.GradientShape("M-50,-78 L50,-78 L50,0 L-50,0 Z", -78, 0, pose.Color.Light(0.1f), pose.Color.Dark(0.1f));
        ink.Rect(-10, -78, 20, 78, pose.Color.Light(0.35f).Fade(0.7f));
        ink.Line(-50, -78, 50, -78, 3, pose.Color.Dark(0.25f));
    }

    public static void Suitcase(Ink ink, in Pose pose)
    {
        ink.Stroke("M-14,-74 L-14,-92 L14,-92 L14,-74", 5, Rgb(0x3A2A22));
        ink.GradientShape("M-50,-68 C-50,-76 50,-76 50,-68 L50,-6 C50,2 -50,2 -50,-6 Z", -76, 2, pose.Color.Light(0.1f),
            pose.Color.Dark(0.15f));
        ink.Rect(-36, -74, 7, 74, pose.Color.Dark(0.35f));
        ink.Rect(29, -74, 7, 74, pose.Color.Dark(0.35f));
    }

    public static void WateringCan(Ink ink, in Pose pose)
    {
        var c = pose.Color;
        ink.Stroke("M26,-30 L72,-66", 8, c.Dark(0.1f));
        ink.Oval(74, -68, 8, 13, c.Dark(0.2f));
        ink.Stroke("M-30,-52 C-34,-92 18,-96 22,-52", 6, c.Dark(0.2f));
        ink.GradientShape("M-34,-56 L30,-56 L36,0 L-40,0 Z", -56, 0, c.Light(0.15f), c.Dark(0.2f));
        for (var i = 0; i < 6; i++)
        {
            var fall = ((pose.T * 1.1f) + (i * 0.17f)) % 1;
            ink.Dot(80 + (i * 4) + (fall * 16), -64 + (fall * fall * 150), 3, Rgb(0x8FD0F4).Fade(0.9f));
        }
    }

    public static void Cart(Ink ink, in Pose pose)
    {
        ink.Stroke("M-62,-78 L-40,-56", 5, Rgb(0x5A4030));
        ink.GradientShape("M-56,-62 L62,-62 L52,-22 L-46,-22 Z", -62, -22, pose.Color.Light(0.12f), pose.Color.Dark(0.15f));
        ink.Stroke("M-52,-48 L58,-48 M-49,-35 L55,-35", 2.4f, pose.Color.Dark(0.3f));
        Vehicles.Wheel(ink, -30, -14, 14, pose.T);
        Vehicles.Wheel(ink, 36, -14, 14, pose.T);
    }

    public static void Telescope(Ink ink, in Pose pose)
    {
        ink.Stroke("M16,-62 L-10,0 M16,-62 L16,0 M16,-62 L42,0", 4, Rgb(0x6A4A32));
        using (ink.At(16, -68, degrees: -28))
        {
            ink.Round(-44, -8, 40, 12, 3, Rgb(0x2A2D36));
            ink.Round(-10, -12, 70, 22, 4, pose.Color);
            ink.Rect(52, -14, 10, 26, Rgb(0xE3B24A));
        }
    }
}
