using SkiaSharp;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Drawing.Subjects;

/// <summary>What one eats.</summary>
internal static class Meals
{
    public static void Bowl(Ink ink, in Pose pose)
    {
        Dish(ink, pose, Rgb(0xD98A3A));
        Things.Steam(ink, pose, 0, -64);
    }

    public static void Noodles(Ink ink, in Pose pose)
    {
        Dish(ink, pose, Rgb(0xC9803A));
        for (var i = 0; i < 7; i++)
        {
            ink.Limb(-48 + (i * 12), -52, -40 + (i * 13), -68, -28 + (i * 12), -53, 4, Rgb(0xF6DC8A).Dark(i % 2 * 0.08f));
        }

        ink.Oval(30, -58, 15, 8, SKColors.White);
        ink.Oval(31, -58, 7, 4.5f, Rgb(0xF0A02E));
        ink.Oval(-32, -59, 13, 5, Rgb(0xC77A62));
        ink.Stroke("M-4,-62 L4,-57 M2,-64 L10,-60", 3, Rgb(0x4E9A3E));
        ink.Line(-8, -60, 62, -108, 3, Rgb(0x8A3A2A));
        ink.Line(-2, -58, 72, -100, 3, Rgb(0x8A3A2A).Dark(0.2f));
        Things.Steam(ink, pose, -10, -74);
    }

    private static void Dish(Ink ink, in Pose pose, SKColor broth)
    {
        ink.Oval(0, -3, 32, 5, pose.Color.Dark(0.3f));
        ink.GradientShape("M-72,-56 L72,-56 C70,-24 44,-4 24,-3 L-24,-3 C-44,-4 -70,-24 -72,-56 Z", -56, -3, pose.Color.Light(0.1f),
            pose.Color.Dark(0.2f));
        ink.Oval(0, -56, 72, 14, pose.Color.Light(0.4f));
        ink.Oval(0, -55, 65, 11, broth);
    }

    public static void Glass(Ink ink, in Pose pose)
    {
        ink.Shape("M-30,-96 L30,-96 L24,0 L-24,0 Z", SKColors.White.Fade(0.35f));
        ink.GradientShape("M-28,-74 L28,-74 L23,-4 L-23,-4 Z", -74, -4, pose.Color.Light(0.15f), pose.Color.Dark(0.15f));
        ink.Oval(0, -74, 28, 5, pose.Color.Light(0.35f));
        ink.Oval(0, -96, 30, 5, SKColors.White.Fade(0.55f));
        ink.Line(-19, -84, -15, -14, 4, SKColors.White.Fade(0.5f));
    }

    public static void Vase(Ink ink, in Pose pose)
    {
        for (var i = -1; i <= 1; i++)
        {
            using (ink.At(i * 5, -40, 0.62f, 0.62f, i * 22))
            {
                Plants.Flower(ink, pose with { Color = i == 0 ? Rgb(0xF6C42E) : i < 0 ? Rgb(0xE85A9A) : Rgb(0xD5332B) });
            }
        }

        ink.GradientShape("M-14,-52 L14,-52 C12,-42 30,-34 28,-16 C27,-4 16,0 0,0 C-16,0 -27,-4 -28,-16 C-30,-34 -12,-42 -14,-52 Z", -52, 0,
            pose.Color.Light(0.2f), pose.Color.Dark(0.2f));
    }

    public static void Burger(Ink ink, in Pose pose)
    {
        ink.GradientShape("M-56,-48 C-56,-100 56,-100 56,-48 Z", -90, -48, Rgb(0xE8AE62), Rgb(0xC9843A));
        ink.Stroke("M-24,-70 L-20,-68 M-4,-78 L0,-76 M18,-72 L22,-70", 3, Rgb(0xFBEFD0));
        ink.Shape("M-60,-48 L60,-48 C56,-36 44,-44 36,-38 C26,-32 16,-44 4,-38 C-8,-32 -18,-44 -30,-38 C-42,-32 -54,-40 -60,-48 Z",
            Rgb(0x6BAA42));
        ink.Round(-56, -38, 112, 18, 8, Rgb(0x6A3A22));
        ink.Poly(Rgb(0xF6C23A), -54, -40, 54, -40, 30, -26, 10, -38, -20, -28);
        ink.Shape("M-56,-20 L56,-20 C56,2 46,0 0,0 C-46,0 -56,2 -56,-20 Z", Rgb(0xD9994A));
    }

    public static void Banana(Ink ink, in Pose pose)
    {
        ink.Shape("M-58,-66 C-52,-20 10,-2 60,-44 C40,6 -62,12 -66,-64 Z", pose.Color);
        ink.Stroke("M-60,-60 C-50,-12 16,-2 58,-42", 2, pose.Color.Dark(0.2f));
        ink.Line(-62, -64, -62, -76, 6, Rgb(0x7A6A2A));
        ink.Dot(60, -45, 3.4f, Rgb(0x4A3A22));
    }

    public static void IceCream(Ink ink, in Pose pose)
    {
        ink.Poly(Rgb(0xD9A05A), -22, -52, 22, -52, 0, 0);
        ink.Stroke("M-16,-44 L8,-20 M-4,-50 L14,-30 M16,-44 L-8,-20 M4,-50 L-14,-30", 1.4f, Rgb(0xB57A34));
        ink.Dot(-11, -62, 17, pose.Color);
        ink.Dot(12, -62, 17, Rgb(0xFBF0D8));
        ink.Dot(0, -82, 18, Rgb(0x7A4A30));
        ink.Dot(2, -102, 5, Rgb(0xD5332B));
    }

    public static void Newspaper(Ink ink, in Pose pose)
    {
        ink.Poly(Rgb(0xF6F3EA), -52, -78, 0, -72, 0, 2, -52, -4);
        ink.Poly(Rgb(0xE6E2D6), 52, -78, 0, -72, 0, 2, 52, -4);
        ink.Stroke("M-44,-66 L-8,-62", 6, Rgb(0x33343A));
        ink.Stroke("M-44,-52 L-8,-49 M-44,-43 L-8,-40 M-44,-34 L-8,-31 M-44,-25 L-8,-22 M8,-62 L44,-66 M8,-53 L44,-56 M8,-44 L44,-47", 2.2f,
            Rgb(0x8A8A90));
        ink.Poly(Rgb(0xA9B4C2), 8, -36, 44, -39, 44, -12, 8, -9);
    }
}
