using SkiaSharp;

namespace Zoetrope.Sandbox.Drawing;

/// <summary>Colour arithmetic.</summary>
internal static class Tones
{
    public static SKColor Rgb(uint rgb) => new(0xFF000000 | rgb);

    public static SKColor Mix(this SKColor a, SKColor b, float share)
    {
        share = Math.Clamp(share, 0, 1);
        byte Channel(byte x, byte y) => (byte)(x + ((y - x) * share) + 0.5f);
        return new SKColor(Channel(a.Red, b.Red), Channel(a.Green, b.Green), Channel(a.Blue, b.Blue), Channel(a.Alpha, b.Alpha));
    }

    public static SKColor Light(this SKColor color, float share) => color.Mix(SKColors.White.WithAlpha(color.Alpha), share);

    public static SKColor Dark(this SKColor color, float share) => color.Mix(SKColors.Black.WithAlpha(color.Alpha), share);

    public static SKColor Fade(this SKColor color, float alpha) => color.WithAlpha((byte)(color.Alpha * Math.Clamp(alpha, 0, 1)));

    public static SKColor Times(this SKColor color, SKColor light) => new(
        (byte)(color.Red * light.Red / 255),
        (byte)(color.Green * light.Green / 255),
        (byte)(color.Blue * light.Blue / 255),
        color.Alpha);

    public static float Luminance(this SKColor color) => ((0.2126f * color.Red) + (0.7152f * color.Green) + (0.0722f * color.Blue)) / 255;
}
