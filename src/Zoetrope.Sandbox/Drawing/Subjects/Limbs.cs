using SkiaSharp;

namespace Zoetrope.Sandbox.Drawing.Subjects;

/// <summary>Arms and legs that reach where they must.</summary>
internal static class Limbs
{
    /// <summary>An arm from the shoulder of that side (-1 or 1) to the hand.</summary>
    public static void Arm(Ink ink, float x, float side, SKPoint hand, SKColor sleeve, SKColor skin)
    {
        Bow(ink, x, -72, hand, side, 7.5f, sleeve);
        ink.Dot(hand.X, hand.Y, 4.4f, skin);
    }

    /// <summary>A thick line with its elbow down and out; the nearer its end, the more it bends.</summary>
    public static void Bow(Ink ink, float x, float y, SKPoint end, float side, float width, SKColor color)
    {
        var (dx, dy) = (end.X - x, end.Y - y);
        var slack = MathF.Max(0, 38 - MathF.Sqrt((dx * dx) + (dy * dy)));
        var hangs = end.Y > -50 ? 0 : 1;
        ink.Limb(x, y, x + (dx / 2) + (side * (hangs == 0 ? 5 : 1)), y + (dy / 2) + (hangs * (5 + (slack * 0.7f))), end.X, end.Y, width,
            color);
    }

    /// <summary>A leg bent at the knee, from the hip to a foot; the foot is given from the middle of the hips.</summary>
    public static void Bent(Ink ink, float x, SKPoint foot, float width, SKColor thigh, SKColor shin, SKColor shoe)
    {
        var (fx, fy) = (foot.X, foot.Y - 42);
        var (hx, hy) = (x * 0.6f, -43f);
        var (dx, dy) = (fx - hx, fy - hy);
        var length = MathF.Min(41, MathF.Sqrt((dx * dx) + (dy * dy)));
        // The knee lies where thigh and shin of 21 meet, on the side that we look towards.
        var rise = MathF.Sqrt(MathF.Max(0, (21 * 21) - (length * length / 4)));
        var (kx, ky) = (hx + (dx / 2) + (dy / length * rise), hy + (dy / 2) - (dx / length * rise));
        ink.Line(kx, ky, fx, fy - (width * 0.3f), MathF.Min(width, 9.5f), shin);
        ink.Line(hx, hy, kx, ky, width, thigh);
        ink.Round(fx - 5, fy - 5, 15, 7, 3, shoe);
    }
}
