namespace Zoetrope.Sandbox.Drawing;

/// <summary>Random numbers by position: the n-th is the same however often and in which order it is asked for.</summary>
internal readonly struct Dice(uint seed)
{
    public readonly uint Seed = seed;

    /// <summary>In [0, 1).</summary>
    public float At(int n)
    {
        var x = Seed ^ ((uint)n * 0x9E3779B9u);
        x = (x ^ (x >> 16)) * 0x7FEB352Du;
        x = (x ^ (x >> 15)) * 0x846CA68Bu;
        return ((x ^ (x >> 16)) >> 8) / 16777216f;
    }

    public float Range(int n, float min, float max) => min + (At(n) * (max - min));

    public int Pick(int n, int count) => Math.Min(count - 1, (int)(At(n) * count));

    public Dice Fork(int n) => new((Seed * 31) + ((uint)n * 0x85EBCA6Bu) + 1);

    /// <summary>Smooth noise in [-1, 1].</summary>
    public float Wave(float x)
    {
        var i = (int)MathF.Floor(x);
        var f = x - i;
        f = f * f * (3 - (2 * f));
        return (((At(i) * (1 - f)) + (At(i + 1) * f)) * 2) - 1;
    }

    /// <summary>Several octaves of <see cref="Wave"/>, in about [-1, 1].</summary>
    public float Fractal(float x, int octaves)
    {
        var (sum, gain) = (0f, 0.5f);
        for (var o = 0; o < octaves; o++)
        {
            sum += Fork(o).Wave(x) * gain;
            x *= 2.07f;
            gain *= 0.5f;
        }

        return sum;
    }
}
