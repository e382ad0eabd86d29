namespace Zoetrope.Server.Catalog.Models;

/// <summary>From a nominal size and a ratio to pixels.</summary>
internal static class FrameSize
{
    /// <summary>Ratios in lowest terms up to here are kept exactly; a photo's 1367:1024 is only approximated.</summary>
    private const int SimpleRatio = 64;

    /// <summary>"720p" names the short side; the long side is the nearest even number.</summary>
    public static (int Width, int Height) Video(int shortSide, AspectRatio ratio)
    {
        if (ratio.Width >= ratio.Height)
        {
            return (NearestEven((long)shortSide * ratio.Width, ratio.Height), shortSide);
        }

        return (shortSide, NearestEven((long)shortSide * ratio.Height, ratio.Width));
    }

    /// <summary>"2K" names the side of the square of the same area; simple ratios come out exact.</summary>
    public static (int Width, int Height) Image(int side, AspectRatio ratio, ImageGrid grid)
    {
        if (ratio.Width > SimpleRatio || ratio.Height > SimpleRatio)
        {
            return Approximate(side, ratio, grid);
        }

        var step = Lcm(
            grid.MultipleOf / AspectRatio.Gcd(ratio.Width, grid.MultipleOf),
            grid.MultipleOf / AspectRatio.Gcd(ratio.Height, grid.MultipleOf));
        var exact = side / Math.Sqrt((double)ratio.Width * ratio.Height);
        var factor = Math.Max(step, (int)Math.Round(exact / step) * step);
        while (factor > step && grid.Exceeds((long)ratio.Width * factor, (long)ratio.Height * factor))
        {
            factor -= step;
        }

        return (ratio.Width * factor, ratio.Height * factor);
    }

    public static int NearestEven(long numerator, long denominator) =>
        (int)(2 * ((numerator + denominator) / (2 * denominator)));

    /// <summary>VicSee's word for a size, by the longer side.</summary>
    public static string Tier(int width, int height) => Math.Max(width, height) switch
    {
        <= 2_048 => "hd",
        <= 5_120 => "4k",
        _ => "8k",
    };

    private static (int Width, int Height) Approximate(int side, AspectRatio ratio, ImageGrid grid)
    {
        var root = Math.Sqrt((double)ratio.Width / ratio.Height);
        double width = side * root, height = side / root;
        var scale = Math.Min(1, Math.Min(Math.Sqrt(grid.MaxPixels / (width * height)), grid.MaxSide / Math.Max(width, height)));
        var nearest = (Width: Snap(width * scale + grid.MultipleOf / 2.0), Height: Snap(height * scale + grid.MultipleOf / 2.0));
        return grid.Exceeds(nearest.Width, nearest.Height) ? (Snap(width * scale), Snap(height * scale)) : nearest;

        int Snap(double pixels) => Math.Max(1, (int)(pixels / grid.MultipleOf)) * grid.MultipleOf;
    }

    private static int Lcm(int a, int b) => a / AspectRatio.Gcd(a, b) * b;
}

/// <summary>What a vendor's image sizes must fit.</summary>
internal sealed record ImageGrid(int MultipleOf, long MaxPixels, int MaxSide)
{
    public static readonly ImageGrid Free = new(1, long.MaxValue, int.MaxValue);

    public bool Exceeds(long width, long height) => width * height > MaxPixels || Math.Max(width, height) > MaxSide;
}
