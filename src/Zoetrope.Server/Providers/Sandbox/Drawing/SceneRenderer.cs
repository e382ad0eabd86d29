using SkiaSharp;
using Zoetrope.Server.Providers.Sandbox.Drawing.Places;
using Zoetrope.Server.Providers.Sandbox.Lettering;
using Zoetrope.Server.Providers.Sandbox.Scenes;

namespace Zoetrope.Server.Providers.Sandbox.Drawing;

/// <summary>
/// Draws a scene at any moment. What never changes is drawn once into images; each frame only blits those
/// where the camera wants them and draws what moves.
/// </summary>
internal sealed class SceneRenderer : IDisposable
{
    private readonly Stage _stage;
    private readonly List<Plane> _planes = [];
    private readonly Ink _ink;
    private readonly SKImage? _backdrop;
    private readonly bool _video;
    private readonly CameraMove _camera;

    /// <param name="scene">What to draw.</param>
    /// <param name="width">Of the frame.</param>
    /// <param name="height">Of the frame.</param>
    /// <param name="video">Whether the camera may move; a still has no need of cached layers.</param>
    /// <param name="backdrop">A given image that takes the place of the drawn background; already of the frame's size.</param>
    /// <param name="cards">Reference images shown as framed cards.</param>
    public SceneRenderer(Scene scene, int width, int height, bool video, SKImage? backdrop = null, IReadOnlyList<SKImage>? cards = null)
    {
        _video = video;
        _camera = video ? scene.Camera : CameraMove.Static;
        _backdrop = backdrop;
        _stage = new Stage(scene, width, height, video && Moves ? 0.09f : 0);
        _ink = new Ink(null!) { Light = _stage.Mood.Light };
        if (backdrop is null)
        {
            Place(scene.Place)(_stage);
        }
        else
        {
            _stage.Ground = height * 0.9f;
            _stage.Horizon = height * 0.6f;
        }

        if (scene.Sign is { } sign)
        {
            _stage.Still(0.7f, ink => Letters.Sign(ink, _stage, sign));
        }

        CastDirector.Add(_stage);
        Cards(cards ?? []);
        WeatherPainter.Add(_stage);
        Prepare();
    }

    private bool Moves => _camera is not (CameraMove.Static or CameraMove.Natural);

    /// <summary>Draws the moment <paramref name="seconds"/> of a clip that is done by <paramref name="progress"/> (0–1).</summary>
    public void Draw(SKCanvas canvas, float seconds, float progress)
    {
        _ink.Canvas = canvas;
        var t = seconds * _stage.Scene.Tempo;
        if (_backdrop is not null)
        {
            Backdrop(canvas, progress);
        }

        foreach (var plane in _planes)
        {
            canvas.Save();
            Aim(canvas, plane.Depth, progress);
            _ink.Light = _stage.Mood.Light;
            if (plane.Image is { } image)
            {
                canvas.DrawImage(image, plane.X, plane.Y, Moves ? new SKSamplingOptions(SKFilterMode.Linear) : SKSamplingOptions.Default);
            }
            else if (plane.Moving is { } moving)
            {
                moving(_ink, t);
            }
            else
            {
                plane.Still!(_ink);
            }

            canvas.Restore();
        }

        Letters.Caption(canvas, _stage, _stage.Scene.Place == Scenes.Place.Abstract && _backdrop is null);
    }

    public void Dispose()
    {
        foreach (var plane in _planes)
        {
            plane.Image?.Dispose();
        }

        _ink.Dispose();
    }

    private static Action<Stage> Place(Place place) => place switch
    {
        Scenes.Place.Sea => Waters.Sea,
        Scenes.Place.Beach => Waters.Beach,
        Scenes.Place.Lake => Waters.Lake,
        Scenes.Place.River => Waters.River,
        Scenes.Place.Waterfall => Waters.Waterfall,
        Scenes.Place.Underwater => Waters.Underwater,
        Scenes.Place.Mountains => Land.Mountains,
        Scenes.Place.Meadow => Land.Meadow,
        Scenes.Place.Desert => Land.Desert,
        Scenes.Place.Forest => Land.Forest,
        Scenes.Place.Jungle => Land.Jungle,
        Scenes.Place.Volcano => Land.Volcano,
        Scenes.Place.City => Towns.City,
        Scenes.Place.Street => Towns.Street,
        Scenes.Place.Village => Towns.Village,
        Scenes.Place.Room => Towns.Room,
        Scenes.Place.Kitchen => Towns.Kitchen,
        Scenes.Place.Studio => Towns.Studio,
        Scenes.Place.Arctic => Beyond.Arctic,
        Scenes.Place.Space => Beyond.Space,
        Scenes.Place.Planet => Beyond.Planetscape,
        Scenes.Place.Sky => Beyond.Sky,
        _ => Beyond.Abstract,
    };

    // Neighbouring still layers of one depth (of any depth, when the camera rests) become one image.
    private void Prepare()
    {
        var layers = _stage.Layers;
        for (var i = 0; i < layers.Count; i++)
        {
            if (!_video || layers[i].Still is null)
            {
                _planes.Add(new Plane(layers[i].Depth, null, 0, 0, layers[i].Still, layers[i].Moving));
                continue;
            }

            var first = i;
            while (i + 1 < layers.Count && layers[i + 1].Still is not null && (!Moves || layers[i + 1].Depth - layers[first].Depth < 0.01f))
            {
                i++;
            }

            _planes.Add(Cache(first, i));
        }
    }

    private Plane Cache(int first, int last)
    {
        var bounds = SKRectI.Ceiling(_stage.Bounds);
        var info = new SKImageInfo(bounds.Width, bounds.Height, SKColorType.Bgra8888, SKAlphaType.Premul);
        using var surface = SKSurface.Create(info);
        surface.Canvas.Clear(SKColors.Transparent);
        surface.Canvas.Translate(-bounds.Left, -bounds.Top);
        _ink.Canvas = surface.Canvas;
        for (var i = first; i <= last; i++)
        {
            _ink.Light = _stage.Mood.Light;
            _stage.Layers[i].Still!(_ink);
        }

        using var pixels = surface.PeekPixels();
        var (top, bottom, opaque) = Extent(pixels);
        using var whole = surface.Snapshot();
        if (bottom <= top)
        {
            return new Plane(0, null, 0, 0, static _ => { }, null);
        }

        var subset = whole.Subset(new SKRectI(0, top, info.Width, bottom)).ToRasterImage();
        if (opaque)
        {
            // Marked opaque, the blit is a plain copy.
            using var raster = subset.PeekPixels();
            var copy = SKImage.FromPixelCopy(raster.WithAlphaType(SKAlphaType.Opaque));
            subset.Dispose();
            subset = copy;
        }

        return new Plane(_stage.Layers[first].Depth, subset, bounds.Left, bounds.Top + top, null, null);
    }

    private static (int Top, int Bottom, bool Opaque) Extent(SKPixmap pixels)
    {
        var (top, bottom, opaque) = (pixels.Height, 0, true);
        for (var y = 0; y < pixels.Height; y++)
        {
            var row = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(pixels.GetPixelSpan().Slice(y * pixels.RowBytes, pixels.Width * 4));
            if (row.ContainsAnyExcept(0u))
            {
                (top, bottom) = (Math.Min(top, y), y + 1);
                foreach (var pixel in row)
                {
                    opaque &= pixel >> 24 == 255;
                }
            }
        }

        return (top, bottom, opaque);
    }

    private void Aim(SKCanvas canvas, float depth, float progress)
    {
        if (!Moves)
        {
            return;
        }

        var p = Ease(progress);
        var weight = 0.15f + (0.85f * depth);
        var (dx, dy, zoom) = _camera switch
        {
            CameraMove.PanLeft => (0.085f * ((2 * p) - 1), 0, 1),
            CameraMove.PanRight or CameraMove.Tracking => (-0.085f * ((2 * p) - 1), 0, 1),
            CameraMove.TiltUp => (0, 0.085f * ((2 * p) - 1), 1),
            CameraMove.TiltDown => (0, -0.085f * ((2 * p) - 1), 1),
            CameraMove.ZoomIn => (0, 0, 1 + (0.3f * p)),
            CameraMove.ZoomOut => (0, 0, 1.3f - (0.3f * p)),
            _ => (0.07f * MathF.Sin(p * MathF.Tau), 0.02f * (MathF.Cos(p * MathF.Tau) - 1), 1.06f),
        };
        var scale = 1 + ((zoom - 1) * (0.35f + (0.65f * depth)));
        var (cx, cy) = (_stage.Width / 2, _stage.Height * 0.62f);
        canvas.Translate(cx + (dx * weight * _stage.Width), cy + (dy * weight * _stage.Height));
        canvas.Scale(scale);
        canvas.Translate(-cx, -cy);
    }

    // A given picture is moved across slowly, as a documentary would.
    private void Backdrop(SKCanvas canvas, float progress)
    {
        var p = _video ? Ease(progress) : 0;
        var zoom = _camera == CameraMove.ZoomOut ? 1.14f - (0.12f * p) : 1 + (0.12f * p);
        canvas.Save();
        canvas.Translate(_stage.Width / 2, _stage.Height / 2);
        canvas.Scale(zoom);
        canvas.Translate(-_stage.Width / 2, -_stage.Height / 2);
        canvas.DrawImage(_backdrop, 0, 0, new SKSamplingOptions(SKFilterMode.Linear));
        canvas.Restore();
    }

    private void Cards(IReadOnlyList<SKImage> cards)
    {
        for (var i = 0; i < cards.Count; i++)
        {
            var (card, index) = (cards[i], i);
            _stage.Moving(0.9f, (ink, t) =>
            {
                var h = _stage.Unit * (cards.Count > 3 ? 0.26f : 0.36f);
                var w = h * card.Width / card.Height;
                var x = _stage.Width * ((index + 0.5f) / cards.Count);
                var y = (_stage.Height * 0.4f) + (MathF.Sin((t * 0.8f) + index) * h * 0.05f);
                using (ink.At(x, y, degrees: (((index % 2) * 2) - 1) * (4 + MathF.Sin((t * 0.6f) + index))))
                {
                    ink.Round((-w / 2) + (h * 0.02f), (-h / 2) + (h * 0.04f), w + (h * 0.06f), h + (h * 0.1f), h * 0.02f, SKColors.Black.Fade(0.35f));
                    ink.Round((-w / 2) - (h * 0.04f), (-h / 2) - (h * 0.04f), w + (h * 0.08f), h + (h * 0.12f), h * 0.02f, SKColors.White);
                    ink.Canvas.DrawImage(card, new SKRect(-w / 2, -h / 2, w / 2, h / 2), new SKSamplingOptions(SKFilterMode.Linear));
                }
            });
        }
    }

    private static float Ease(float p) => p * p * (3 - (2 * p));

    private sealed record Plane(float Depth, SKImage? Image, float X, float Y, Action<Ink>? Still, Action<Ink, float>? Moving);
}
