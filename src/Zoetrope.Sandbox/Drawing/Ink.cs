using System.Collections.Concurrent;
using SkiaSharp;

namespace Zoetrope.Sandbox.Drawing;

/// <summary>
/// The painters' pencil: a canvas with one reused paint, the light of the scene applied to every colour,
/// and shapes written as SVG path data that is parsed once per process.
/// </summary>
internal sealed class Ink(SKCanvas canvas) : IDisposable
{
    private static readonly ConcurrentDictionary<string, SKPath> Parsed = new(StringComparer.Ordinal);
    private readonly SKPaint _paint = new() { IsAntialias = true };
    private readonly SKPathBuilder _path = new();

    public SKCanvas Canvas { get; set; } = canvas;

    /// <summary>Colour of the light: every drawn colour is multiplied by it.</summary>
    public SKColor Light { get; set; } = SKColors.White;

    /// <summary>What distance fades to, and how far away we are (0–1).</summary>
    public SKColor Haze { get; set; }

    public float Distance { get; set; }

    /// <summary>Of every colour; overlapping shapes show through each other.</summary>
    public float Opacity { get; set; } = 1;

    public SKColor Tone(SKColor color)
    {
        var lit = color.Times(Light);
        lit = Opacity < 1 ? lit.Fade(Opacity) : lit;
        return Distance > 0 ? lit.Mix(Haze.WithAlpha(lit.Alpha), Distance) : lit;
    }

    public void Oval(float x, float y, float rx, float ry, SKColor color) => Canvas.DrawOval(x, y, rx, ry, Fill(color));

    public void Dot(float x, float y, float r, SKColor color) => Canvas.DrawCircle(x, y, r, Fill(color));

    public void Rect(float x, float y, float w, float h, SKColor color) => Canvas.DrawRect(x, y, w, h, Fill(color));

    public void Round(float x, float y, float w, float h, float r, SKColor color) => Canvas.DrawRoundRect(x, y, w, h, r, r, Fill(color));

    public void Ring(float x, float y, float r, float width, SKColor color) => Canvas.DrawCircle(x, y, r, Pen(color, width));

    public void Line(float x1, float y1, float x2, float y2, float width, SKColor color) =>
        Canvas.DrawLine(x1, y1, x2, y2, Pen(color, width));

    /// <summary>A filled shape in SVG path data.</summary>
    public void Shape(string data, SKColor color) => Canvas.DrawPath(Parse(data), Fill(color));

    /// <summary>A stroked shape in SVG path data.</summary>
    public void Stroke(string data, float width, SKColor color) => Canvas.DrawPath(Parse(data), Pen(color, width));

    /// <summary>A limb: a thick line bent over one joint.</summary>
    public void Limb(float x1, float y1, float xm, float ym, float x2, float y2, float width, SKColor color)
    {
        _path.MoveTo(x1, y1);
        _path.QuadTo(xm, ym, x2, y2);
        using var path = _path.Detach();
        Canvas.DrawPath(path, Pen(color, width));
    }

    public void Poly(SKColor color, params ReadOnlySpan<float> xy)
    {
        _path.MoveTo(xy[0], xy[1]);
        for (var i = 2; i + 1 < xy.Length; i += 2)
        {
            _path.LineTo(xy[i], xy[i + 1]);
        }

        _path.Close();
        using var path = _path.Detach();
        Canvas.DrawPath(path, Fill(color));
    }

    /// <summary>The area under a curve sampled at even steps, down to <paramref name="bottom"/>.</summary>
    public void Ridge(float left, float right, float bottom, float step, Func<float, float> height, SKColor color, SKColor? lower = null)
    {
        _path.MoveTo(left, bottom);
        var top = bottom;
        for (var x = left; x < right + step; x += step)
        {
            var y = height(x);
            top = Math.Min(top, y);
            _path.LineTo(x, y);
        }

        _path.LineTo(right + step, bottom);
        _path.Close();
        using var path = _path.Detach();
        if (lower is { } low)
        {
            using var shader = Vertical(top, bottom, color, low);
            Canvas.DrawPath(path, Shaded(shader));
            _paint.Shader = null;
            return;
        }

        Canvas.DrawPath(path, Fill(color));
    }

    /// <summary>A vertical gradient over a rectangle; the colours are evenly spaced.</summary>
    public void Gradient(SKRect area, params ReadOnlySpan<SKColor> colors)
    {
        using var shader = SKShader.CreateLinearGradient(
            new SKPoint(0, area.Top), new SKPoint(0, area.Bottom), Toned(colors), SKShaderTileMode.Clamp);
        var paint = Shaded(shader);
        paint.IsDither = true;
        Canvas.DrawRect(area, paint);
        paint.IsDither = false;
        paint.Shader = null;
    }

    public void GradientShape(string data, float top, float bottom, SKColor upper, SKColor lower)
    {
        if (Opacity < 1)
        {
            Shape(data, upper.Mix(lower, 0.4f));
            return;
        }

        using var shader = Vertical(top, bottom, upper, lower);
        Canvas.DrawPath(Parse(data), Shaded(shader));
        _paint.Shader = null;
    }

    /// <summary>A round, soft spot fading to nothing; unlike all else it ignores the light of the scene.</summary>
    public void Glow(float x, float y, float r, SKColor color, bool add = false)
    {
        using var shader = SKShader.CreateRadialGradient(
            new SKPoint(x, y), r, [color, color.Fade(0.45f), color.WithAlpha(0)], [0, 0.35f, 1], SKShaderTileMode.Clamp);
        var paint = Shaded(shader);
        paint.BlendMode = add ? SKBlendMode.Plus : SKBlendMode.SrcOver;
        Canvas.DrawRect(x - r, y - r, 2 * r, 2 * r, paint);
        paint.Shader = null;
        paint.BlendMode = SKBlendMode.SrcOver;
    }

    /// <summary>A ball with a lit side.</summary>
    public void Ball(float x, float y, float r, SKColor color)
    {
        using var shader = SKShader.CreateRadialGradient(
            new SKPoint(x - (r * 0.35f), y - (r * 0.4f)), r * 1.5f, [Tone(color.Light(0.45f)), Tone(color), Tone(color.Dark(0.45f))],
                [0, 0.45f, 1], SKShaderTileMode.Clamp);
        Canvas.DrawCircle(x, y, r, Shaded(shader));
        _paint.Shader = null;
    }

    /// <summary>A soft shadow on the ground.</summary>
    public void Shadow(float x, float y, float rx, float ry, float strength)
    {
        using (At(x, y, rx / 100f, ry / 100f))
        {
            Glow(0, 0, 100, SKColors.Black.WithAlpha((byte)(255 * strength)));
        }
    }

    /// <summary>Local coordinates until the returned scope is disposed.</summary>
    public Scope At(float x, float y, float scaleX = 1, float scaleY = 1, float degrees = 0)
    {
        Canvas.Save();
        Canvas.Translate(x, y);
        if (degrees != 0)
        {
            Canvas.RotateDegrees(degrees);
        }

        if (scaleX != 1 || scaleY != 1)
        {
            Canvas.Scale(scaleX, scaleY);
        }

        return new Scope(Canvas);
    }

    /// <summary>Only what lies inside the shape is drawn from here on, until the scope around it ends.</summary>
    public void Clip(string data) => Canvas.ClipPath(Parse(data), antialias: true);

    public SKPaint Fill(SKColor color)
    {
        _paint.Style = SKPaintStyle.Fill;
        _paint.Color = Tone(color);
        return _paint;
    }

    public SKPaint Pen(SKColor color, float width)
    {
        _paint.Style = SKPaintStyle.Stroke;
        _paint.StrokeWidth = width;
        _paint.StrokeCap = SKStrokeCap.Round;
        _paint.StrokeJoin = SKStrokeJoin.Round;
        _paint.Color = Tone(color);
        return _paint;
    }

    public void Dispose()
    {
        _paint.Dispose();
        _path.Dispose();
    }

    private static SKPath Parse(string data) => Parsed.GetOrAdd(data, static text =>
        SKPath.ParseSvgPathData(text) ?? throw new FormatException($"Not SVG path data: {text}"));

    private SKShader Vertical(float top, float bottom, SKColor upper, SKColor lower) => SKShader.CreateLinearGradient(
        new SKPoint(0, top), new SKPoint(0, bottom), [Tone(upper), Tone(lower)], SKShaderTileMode.Clamp);

    private SKPaint Shaded(SKShader shader)
    {
        _paint.Style = SKPaintStyle.Fill;
        _paint.Color = SKColors.White;
        _paint.Shader = shader;
        return _paint;
    }

    private SKColor[] Toned(ReadOnlySpan<SKColor> colors)
    {
        var toned = new SKColor[colors.Length];
        for (var i = 0; i < colors.Length; i++)
        {
            toned[i] = Tone(colors[i]);
        }

        return toned;
    }

    internal readonly struct Scope(SKCanvas canvas) : IDisposable
    {
        public void Dispose() => canvas.Restore();
    }
}
