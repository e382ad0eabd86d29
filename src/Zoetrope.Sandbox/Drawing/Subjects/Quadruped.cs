using SkiaSharp;

namespace Zoetrope.Sandbox.Drawing.Subjects;

/// <summary>The body all four-legged animals share: legs that walk, a trunk, and where head and tail attach.</summary>
/// <param name="Length">Half the length of the trunk.</param>
/// <param name="Depth">Half the height of the trunk.</param>
/// <param name="Leg">Length of the legs.</param>
/// <param name="Thick">Width of a leg.</param>
internal readonly record struct Quadruped(float Length, float Depth, float Leg, float Thick, SKColor Coat, SKColor Belly, SKColor Feet)
{
    /// <summary>How the trunk moves up and down, and a rider with it.</summary>
    public static float Bob(in Pose pose) => pose.Moves ? MathF.Abs(pose.Swing(1.3f)) * -2.5f : pose.Swing(0.25f) * 0.5f;

    /// <summary>Draws legs and trunk; returns the height of the trunk's middle, for head and tail.</summary>
    public float Draw(Ink ink, in Pose pose)
    {
        var lying = pose.Sleeps;
        var bob = Bob(pose);
        var middle = (lying ? -Depth : -Leg - (Depth * 0.75f)) + bob;
        var far = Coat.Dark(0.28f);
        if (!lying)
        {
            Leg1(ink, pose, Length * 0.78f, middle, 0.5f, far);
            Leg1(ink, pose, -Length * 0.62f, middle, 0.05f, far);
        }

        var l = Length;
        var d = Depth;
        using (ink.At(0, middle))
        {
            ink.Oval(0, 0, l, d, Coat);
            ink.Oval(l * 0.55f, -d * 0.08f, l * 0.5f, d * 1.04f, Coat);
            ink.Oval(-l * 0.58f, -d * 0.02f, l * 0.48f, d * 1.02f, Coat);
            ink.Oval(0, d * 0.58f, l * 0.72f, d * 0.4f, Belly);
            ink.Oval(-l * 0.1f, -d * 0.55f, l * 0.75f, d * 0.3f, Coat.Light(0.22f).Fade(0.45f));
        }

        if (lying)
        {
            ink.Round(-l * 0.9f, -Thick * 1.1f, l * 1.0f, Thick * 1.1f, Thick * 0.5f, Coat.Dark(0.1f));
            ink.Round(l * 0.2f, -Thick * 1.1f, l * 0.95f, Thick * 1.1f, Thick * 0.5f, Coat.Dark(0.06f));
        }
        else
        {
            Leg1(ink, pose, l * 0.58f, middle, 0f, Coat.Dark(0.06f));
            Leg1(ink, pose, -l * 0.8f, middle, 0.55f, Coat.Dark(0.06f));
        }

        return middle;
    }

    private void Leg1(Ink ink, in Pose pose, float x, float middle, float phase, SKColor color)
    {
        var angle = pose.Step(phase);
        using (ink.At(x, middle + (Depth * 0.35f), degrees: angle))
        {
            var length = -middle - (Depth * 0.35f);
            ink.Poly(color, -Thick * 0.85f, -Depth * 0.2f, Thick * 0.85f, -Depth * 0.2f, Thick * 0.48f, length - 1, -Thick * 0.48f,
                length - 1);
            ink.Round(-Thick * 0.55f, length - (Thick * 0.75f), Thick * 1.35f, Thick * 0.75f, Thick * 0.3f, Feet);
        }
    }
}
