using SkiaSharp;
using Zoetrope.Sandbox.Scenes;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing.Subjects;

/// <summary>People, by what they wear.</summary>
internal static class People
{
    private static readonly SKColor[] Skins = [Rgb(0xF2C9A8), Rgb(0xD9A077), Rgb(0xA8714B), Rgb(0x7A4C30)];
    private static readonly SKColor[] Hairs = [Rgb(0x2A1D18), Rgb(0x5A3825), Rgb(0xB5793A), Rgb(0x1C1A22)];

    private static readonly SKColor Shoe = Rgb(0x2A2024);

    public static void Man(Ink ink, in Pose pose) => Figure(ink, pose, pose.Color, Rgb(0x2F3A4E), Hair.Short);

    public static void Boy(Ink ink, in Pose pose) => Figure(ink, pose, pose.Color, Rgb(0x4A6A8E), Hair.Short);

    public static void Woman(Ink ink, in Pose pose) => Figure(ink, pose, pose.Color, pose.Color, Hair.Long, skirt: true);

    public static void Dancer(Ink ink, in Pose pose) =>
        Figure(ink, pose with { Motion = Motion.Dance }, pose.Color, pose.Color.Light(0.15f), Hair.Bun, skirt: true);

    public static void Samurai(Ink ink, in Pose pose)
    {
        ink.Line(-22, -40, 30, -66, 2.6f, Rgb(0x1A1A1E));
        Figure(ink, pose, pose.Color, Rgb(0x23242E), Hair.None, skirt: true);
        ink.Shape("M-16,-88 C-16,-106 16,-106 16,-88 L22,-82 L-22,-82 Z", pose.Color.Dark(0.3f));
        ink.Stroke("M-4,-98 C-12,-112 -18,-114 -22,-116 M4,-98 C12,-112 18,-114 22,-116", 3, Rgb(0xE3B24A));
        ink.Shape("M-22,-72 L-12,-76 L-10,-58 L-24,-58 Z M22,-72 L12,-76 L10,-58 L24,-58 Z", pose.Color.Dark(0.2f));
        if (pose.Gesture is not { Near: not null })
        {
            ink.Line(24, -46, 62, -84, 2.4f, Rgb(0xDDE5EE));
            ink.Line(20, -42, 27, -49, 4, Rgb(0x1A1A1E));
        }
    }

    public static void Knight(Ink ink, in Pose pose)
    {
        ink.Shape("M-14,-70 C-30,-40 -30,-16 -26,-4 L0,-10 Z", Rgb(0xA8252B));
        Figure(ink, pose, Rgb(0xA9B4C2), Rgb(0x8894A4), Hair.None);
        ink.Shape("M-14,-76 C-17,-106 17,-106 14,-76 Z", Rgb(0xC3CCD8));
        ink.Rect(-1, -90, 14, 3.5f, Rgb(0x1B1D24));
        ink.Limb(0, -101, -8, -118, -24, -108, 6, Rgb(0xC93A3A));
        if (pose.Gesture is not { Near: not null })
        {
            ink.Line(26, -44, 44, -96, 3, Rgb(0xE6EDF5));
            ink.Line(20, -54, 36, -48, 3.4f, Rgb(0xE3B24A));
        }

        ink.Shape("M-34,-62 C-24,-68 -16,-66 -8,-62 C-8,-44 -14,-34 -21,-28 C-28,-34 -34,-44 -34,-62 Z", pose.Color);
        ink.Stroke("M-21,-62 L-21,-34 M-31,-54 L-11,-54", 3, Rgb(0xF6E3A8));
    }

    public static void Astronaut(Ink ink, in Pose pose)
    {
        var suit = pose.Color;
        var drift = pose.Swing(0.2f) * 5;
        ink.Round(-25, -78, 50, 46, 8, suit.Dark(0.3f));
        var near = pose.Gesture?.Near ?? new SKPoint(44, -94 + (drift * 2));
        var far = pose.Gesture?.Far ?? new SKPoint(-38, -34 - (drift * 2));
        if (pose.Gesture is { Foot: { } foot })
        {
            Limbs.Bent(ink, -8, pose.Gesture.FarFoot ?? foot, 16, suit.Dark(0.2f), suit.Dark(0.12f), suit.Dark(0.35f));
            Limbs.Bent(ink, 8, foot, 16, suit.Dark(0.06f), suit.Dark(0.04f), suit.Dark(0.35f));
        }
        else
        {
            Leg(ink, -10, -36, pose.Step(0) + 5, 36, 17, suit.Dark(0.08f), suit.Dark(0.35f));
            Leg(ink, 10, -36, pose.Step(0.5f) - 5, 36, 17, suit.Dark(0.04f), suit.Dark(0.35f));
        }

        Limbs.Bow(ink, -19, -66, far, -1, 14, suit.Dark(0.06f));
        if (pose.Gesture is null)
        {
            Limbs.Bow(ink, 19, -66, near, 1, 14, suit);
            ink.Dot(near.X, near.Y, 7.5f, suit.Dark(0.15f));
        }

        ink.GradientShape("M-22,-72 C-22,-82 22,-82 22,-72 L20,-34 C12,-30 -12,-30 -20,-34 Z", -80, -30, suit, suit.Dark(0.18f));
        ink.Round(-11, -60, 22, 14, 3, suit.Dark(0.35f));
        ink.Dot(-5, -53, 2.4f, Rgb(0xD5332B));
        ink.Dot(3, -53, 2.4f, Rgb(0x3EC05C));
        ink.Ball(0, -90, 23, suit);
        ink.GradientShape("M-16,-92 C-16,-108 18,-108 18,-92 C18,-78 -16,-78 -16,-92 Z", -104, -78, Rgb(0x2B3F78), Rgb(0x0E1530));
        ink.Limb(-8, -97, -4, -102, 4, -102, 2.4f, SKColors.White.Fade(0.8f));
        ink.Oval(9, -87, 5, 3.4f, Rgb(0xF0A848).Fade(0.7f));
        if (pose.Gesture is { } gesture)
        {
            gesture.Front?.Invoke(ink);
            Limbs.Bow(ink, 19, -66, near, 1, 14, suit);
            ink.Dot(near.X, near.Y, 7.5f, suit.Dark(0.15f));
        }
    }

    private enum Hair
    {
        None,
        Short,
        Long,
        Bun,
    }

    private static void Figure(Ink ink, in Pose pose, SKColor top, SKColor bottom, Hair hair, bool skirt = false)
    {
        var skin = Skins[pose.Dice.Pick(1, Skins.Length)];
        var locks = Hairs[pose.Dice.Pick(2, Hairs.Length)];
        var dance = pose.Motion == Motion.Dance;
        var gesture = pose.Gesture;
        var sway = dance ? pose.Swing(0.5f) * 10 : 0;
        var bob = pose.Moves && gesture is not { Foot: not null } ? -MathF.Abs(pose.Swing(1.3f)) * 3 : 0;
        using (ink.At(0, bob, degrees: pose.Sleeps ? -84 : sway * 0.6f))
        {
            if (hair == Hair.Long)
            {
                ink.Shape("M-12,-96 C-20,-80 -18,-64 -14,-56 L12,-56 C16,-66 16,-82 11,-96 Z", locks);
            }

            var arm = pose.Moves && !dance ? pose.Swing(1.3f) * 16 : pose.Swing(0.2f) * 2;
            Limbs.Arm(ink, -12, -1, gesture?.Far ?? new SKPoint(dance ? -55 : -21 + arm, dance ? -104 + sway : -44), top.Dark(0.25f), skin);
            if (gesture is { Foot: { } foot })
            {
                Limbs.Bent(ink, -4, gesture.FarFoot ?? foot, 10, bottom.Dark(0.25f), skirt ? skin.Dark(0.1f) : bottom.Dark(0.25f), Shoe);
                Limbs.Bent(ink, 4, foot, skirt ? 14 : 10, bottom, skirt ? skin : bottom, Shoe);
            }
            else
            {
                Leg(ink, -5, -42, dance ? 18 + sway : pose.Step(0.5f), 42, 10, skirt ? skin.Dark(0.1f) : bottom.Dark(0.2f), Shoe);
                Leg(ink, 5, -42, dance ? -26 + sway : pose.Step(0), 42, 10, skirt ? skin : bottom, Shoe);
                if (skirt)
                {
                    using (ink.At(0, -50, 1 + (dance ? MathF.Abs(sway) * 0.035f : 0), 1))
                    {
                        ink.GradientShape("M-10,-4 L10,-4 C16,10 24,26 27,32 C12,37 -12,37 -27,32 C-24,26 -16,10 -10,-4 Z", -4, 36, bottom,
                            bottom.Dark(0.25f));
                    }
                }
            }

            ink.GradientShape("M-15,-74 C-8,-80 8,-80 15,-74 L12,-42 C6,-39 -6,-39 -12,-42 Z", -78, -40, top.Light(0.06f), top.Dark(0.15f));
            var busy = gesture is { Near: not null } or { Front: not null };
            if (!busy)
            {
                Limbs.Arm(ink, 12, 1, new SKPoint(dance ? 55 : 21 - arm, dance ? -100 - sway : -44), top.Dark(0.08f), skin);
            }

            ink.Line(0, -80, 0, -74, 8, skin.Dark(0.12f));
            ink.Oval(0, -89, 11, 12.5f, skin);
            if (hair is Hair.Short or Hair.Bun or Hair.Long)
            {
                ink.Shape("M-12,-86 C-14,-106 14,-107 12,-87 C9,-95 2,-97 -4,-96 C-9,-95 -11,-91 -12,-86 Z", locks);
            }

            if (hair == Hair.Bun)
            {
                ink.Dot(-3, -106, 6, locks);
            }

            ink.Dot(1, -89, 1.3f, Rgb(0x1A1416));
            ink.Dot(7, -89, 1.3f, Rgb(0x1A1416));
            ink.Limb(1, -83, 4, -81, 7, -83.5f, 1.1f, Rgb(0x9A4A48));
            if (busy)
            {
                gesture!.Front?.Invoke(ink);
                Limbs.Arm(ink, 12, 1, gesture.Near ?? new SKPoint(21 - arm, -44), top.Dark(0.08f), skin);
            }
        }
    }

    private static void Leg(Ink ink, float x, float y, float degrees, float length, float width, SKColor color, SKColor shoe)
    {
        using (ink.At(x, y, degrees: degrees))
        {
            ink.Line(0, 0, 0, length - (width * 0.5f), width, color);
            ink.Round(-width * 0.55f, length - (width * 0.7f), width * 1.5f, width * 0.7f, width * 0.3f, shoe);
        }
    }
}
