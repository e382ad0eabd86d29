using System.Resources;
using SkiaSharp;
using Zoetrope.Sandbox.Drawing;
using static Zoetrope.Sandbox.Drawing.Tones;

namespace Zoetrope.Sandbox.Lettering;

/// <summary>Everything written: caption, sign and the badge. The typeface is embedded, because a server may have none.</summary>
internal static class Letters
{
    private static readonly SKTypeface Face = Load();
    private static readonly SKFont Glyphs = new(Face);

    public static void Badge(SKCanvas canvas, int width, int height)
    {
        var unit = Math.Max(9, Math.Min(width, height) * 0.024f);
        using var font = new SKFont(Face, unit);
        using var paint = new SKPaint { IsAntialias = true, Color = SKColors.Black.WithAlpha(120) };
        var w = font.MeasureText("sandbox");
        var (x, y) = (width - w - (unit * 1.5f), height - (unit * 2.1f));
        canvas.DrawRoundRect(x - (unit * 0.55f), y, w + (unit * 1.1f), unit * 1.55f, unit * 0.5f, unit * 0.5f, paint);
        paint.Color = SKColors.White.WithAlpha(225);
        canvas.DrawText("sandbox", x, y + (unit * 1.12f), SKTextAlign.Left, font, paint);
    }

    public static void Caption(SKCanvas canvas, Stage stage, bool large)
    {
        var text = string.Join("  ·  ", stage.Scene.Caption.Where(word => word.All(static c => Glyphs.ContainsGlyph(c))));
        if (text.Length == 0)
        {
            return;
        }

        using var font = new SKFont(Face, stage.Unit * (large ? 0.075f : 0.032f));
        var room = stage.Width * (large ? 0.86f : 0.6f);
        font.Size = Math.Min(font.Size, font.Size * room / font.MeasureText(text));
        using var paint = new SKPaint { IsAntialias = true, Color = SKColors.Black.WithAlpha(110) };
        var (x, y, align) = large ? (stage.Width / 2, stage.Height * 0.52f, SKTextAlign.Center)
            : (stage.Unit * 0.04f, stage.Height - (stage.Unit * 0.045f), SKTextAlign.Left);
        canvas.DrawText(text, x + (font.Size * 0.05f), y + (font.Size * 0.06f), align, font, paint);
        paint.Color = SKColors.White.WithAlpha(235);
        canvas.DrawText(text, x, y, align, font, paint);
        if (large)
        {
            canvas.DrawRect(x - (room * 0.08f), y + (font.Size * 0.55f), room * 0.16f, Math.Max(1, font.Size * 0.04f), paint);
        }
    }

    public static void Sign(Ink ink, Stage stage, string text)
    {
        var u = stage.Unit;
        using var font = new SKFont(Face, u * 0.075f) { Embolden = true };
        var shown = string.Concat(text.Where(static c => Glyphs.ContainsGlyph(c)));
        if (shown.Length == 0)
        {
            return;
        }

        font.Size = Math.Min(font.Size, font.Size * stage.Width * 0.42f / font.MeasureText(shown));
        var (w, h) = (font.MeasureText(shown) + (font.Size * 1.2f), font.Size * 1.9f);
        var side = stage.Scene.Casts.Count != 1 ? 0.5f : stage.Dice.At(77) < 0.5f ? 0.7f : 0.3f;
        var (x, y) = (stage.Width * side, stage.Indoors || !stage.HasSky ? stage.Height * 0.2f : stage.Height * 0.44f);
        var neon = stage.Mood.Dark;
        if (stage.HasSky)
        {
            ink.Line(x - (w * 0.36f), y, x - (w * 0.36f), stage.Height * 0.82f, u * 0.018f, Rgb(0x5A3E28));
            ink.Line(x + (w * 0.36f), y, x + (w * 0.36f), stage.Height * 0.82f, u * 0.018f, Rgb(0x5A3E28));
        }

        ink.Round(x - (w / 2), y - (h / 2), w, h, h * 0.14f, neon ? Rgb(0x1A1426) : Rgb(0x8A5A33));
        ink.Round(x - (w / 2) + (h * 0.07f), y - (h * 0.43f), w - (h * 0.14f), h * 0.86f, h * 0.1f, neon ? Rgb(0x241A36) : Rgb(0xF6E7C4));
        if (neon)
        {
            ink.Glow(x, y, w * 0.55f, Rgb(0xFF4AA8).Fade(0.4f), add: true);
        }

        using var paint = new SKPaint { IsAntialias = true, Color = neon ? Rgb(0xFF9AD2) : Rgb(0x3A241A) };
        ink.Canvas.DrawText(shown, x, y + (font.Size * 0.36f), SKTextAlign.Center, font, paint);
    }

    private static SKTypeface Load()
    {
        var bytes = (byte[])new ResourceManager(typeof(Letters).Namespace + ".Typefaces", typeof(Letters).Assembly).GetObject("Sans",
            null)!;
        using var data = SKData.CreateCopy(bytes);
        return SKTypeface.FromData(data);
    }
}
