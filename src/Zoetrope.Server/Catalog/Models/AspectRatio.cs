using System.Globalization;

namespace Zoetrope.Server.Catalog.Models;

/// <summary>Width to height in whole numbers, in lowest terms.</summary>
internal readonly record struct AspectRatio
{
    public AspectRatio(int width, int height)
    {
        var divisor = Gcd(width, height);
        Width = width / divisor;
        Height = height / divisor;
    }

    public int Width { get; }

    public int Height { get; }

    public static AspectRatio Square { get; } = new(1, 1);

    public static AspectRatio Landscape { get; } = new(16, 9);

    /// <summary>Reads "16:9", "landscape" or "portrait"; words such as "auto" are no ratio.</summary>
    public static bool TryParse(string text, out AspectRatio ratio)
    {
        ratio = text switch
        {
            "landscape" => Landscape,
            "portrait" => new AspectRatio(9, 16),
            _ => default,
        };
        if (ratio.Width > 0)
        {
            return true;
        }

        var colon = text.IndexOf(':');
        if (colon < 1
            || !int.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var width)
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var height)
            || width is < 1 or > 100 || height is < 1 or > 100)
        {
            return false;
        }

        ratio = new AspectRatio(width, height);
        return true;
    }

    public bool IsWiderThan(AspectRatio other) => (long)Width * other.Height > (long)other.Width * Height;

    /// <summary>Nearest ratio that is neither wider nor taller than the two.</summary>
    public AspectRatio Clamp(AspectRatio tallest, AspectRatio widest)
    {
        if (IsWiderThan(widest))
        {
            return widest;
        }

        return tallest.IsWiderThan(this) ? tallest : this;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width}:{Height}");

    internal static int Gcd(int a, int b)
    {
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return Math.Max(a, 1);
    }
}
