using SkiaSharp;
using Zoetrope.Sandbox.Drawing.Places;
using Zoetrope.Sandbox.Lettering;
using Zoetrope.Sandbox.Scenes;

namespace Zoetrope.Sandbox.Drawing;

/// <summary>
/// Draws a scene at any moment. What never changes is drawn once into images; each frame only blits those
/// where the camera wants them and draws what moves.
/// </summary>
internal sealed class SceneRenderer : IDisposable
{
    private const float BackdropDepth = 0.5f;
    private readonly Stage _stage;
    private readonly Camera _camera;
    private readonly List<Part> _parts = [];
    private readonly Ink _ink;
    private readonly bool _video;
    private readonly bool _large;

    /// <param name="scene">What to draw.</param>
    /// <param name="width">Of the frame.</param>
    /// <param name="height">Of the frame.</param>
    /// <param name="seconds">Length of the clip; 0 for a still, which has no need of a camera or of cached layers.</param>
    /// <param name="backdrop">A given image that takes the place of the drawn background; already of the frame's size.</param>
    /// <param name="cards">Reference images shown as framed cards.</param>
    /// <param name="over">Only subjects and weather, over what the surface holds already.</param>
    public SceneRenderer(Scene scene, int width, int height, float seconds, SKImage? backdrop = null, IReadOnlyList<SKImage>? cards = null,
        bool over = false)
    {
        _video = seconds > 0;
        _large = scene.Place == Scenes.Place.Abstract && backdrop is null && !over;
        var move = !_video || over ? CameraMove.Static
            : scene.Camera != CameraMove.Natural ? scene.Camera
            : backdrop is not null ? CameraMove.ZoomIn
            : scene.Casts is [{ Motion: Motion.Run or Motion.Walk }] ? CameraMove.Tracking
            : CameraMove.Natural;
        _camera = new Camera(move, width, height);
        _stage = new Stage(scene, width, height, _camera.Margin) { Seconds = seconds, Camera = _camera };
        _ink = new Ink(null!) { Light = _stage.Mood.Light };
        if (backdrop is null && !over)
        {
            Place(scene.Place)(_stage);
        }
        else
        {
            _stage.Ground = height * 0.9f;
            _stage.Horizon = height * 0.6f;
            if (backdrop is not null)
            {
                _stage.Still(BackdropDepth, ink => ink.Canvas.DrawImage(backdrop, _stage.Bounds,
                    new SKSamplingOptions(SKFilterMode.Linear)));
            }
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

    public Stage Stage => _stage;

    /// <summary>Draws the moment <paramref name="seconds"/> of a clip that is done by <paramref name="progress"/> (0–1).</summary>
    public void Draw(SKSurface surface, float seconds, float progress)
    {
        var canvas = surface.Canvas;
        using var pixels = surface.PeekPixels();
        var t = seconds * _stage.Scene.Tempo;
        var hidden = Hidden(progress, pixels.Width, pixels.Height);
        _ink.Canvas = canvas;
        for (var i = 0; i < _parts.Count; i++)
        {
            var part = _parts[i];
            var view = _camera.At(progress, part.Depth);
            if (part.Plane is { } plane)
            {
                plane.Draw(pixels, view, hidden[i]);
                continue;
            }

            canvas.Save();
            canvas.Translate(view.ShiftX, view.ShiftY);
            canvas.Scale(view.Scale);
            _ink.Light = _stage.Mood.Light;
            if (part.Moving is { } moving)
            {
                moving(_ink, t);
            }
            else
            {
                part.Still!(_ink);
            }

            canvas.Restore();
        }

        Letters.Caption(canvas, _stage, _large);
    }

    public void Dispose() => _ink.Dispose();

    // For each part, the row from which on later planes hide it.
    private int[] Hidden(float progress, int width, int height)
    {
        var rows = new int[_parts.Count];
        var hidden = height;
        for (var i = _parts.Count - 1; i >= 0; i--)
        {
            rows[i] = hidden;
            if (_parts[i].Plane is { } plane)
            {
                hidden = Math.Min(hidden, plane.HidesFrom(_camera.At(progress, plane.Depth), width, height));
            }
        }

        return rows;
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
        Scenes.Place.Garden => Land.Garden,
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
        Scenes.Place.Orbit => Beyond.Orbit,
        Scenes.Place.Planet => Beyond.Planetscape,
        Scenes.Place.Sky => Beyond.Sky,
        _ => Beyond.Abstract,
    };

    // Neighbouring still layers of about one depth (of any depth, when the camera rests) become one plane.
    private void Prepare()
    {
        var layers = _stage.Layers;
        for (var i = 0; i < layers.Count; i++)
        {
            if (!_video || layers[i].Still is null)
            {
                _parts.Add(new Part(layers[i].Depth, null, layers[i].Still, layers[i].Moving));
                continue;
            }

            var first = i;
            while (i + 1 < layers.Count && layers[i + 1].Still is not null
                && (!_camera.Moves || MathF.Abs(layers[i + 1].Depth - layers[first].Depth) < 0.11f))
            {
                i++;
            }

            _parts.Add(new Part(layers[first].Depth, Cache(first, i), null, null));
        }
    }

    private Plane Cache(int first, int last)
    {
        var bounds = SKRectI.Round(_stage.Bounds);
        using var surface = SKSurface.Create(new SKImageInfo(bounds.Width, bounds.Height, SKColorType.Bgra8888, SKAlphaType.Premul));
        surface.Canvas.Clear(SKColors.Transparent);
        surface.Canvas.Translate(-bounds.Left, -bounds.Top);
        _ink.Canvas = surface.Canvas;
        for (var i = first; i <= last; i++)
        {
            _ink.Light = _stage.Mood.Light;
            _stage.Layers[i].Still!(_ink);
        }

        using var pixels = surface.PeekPixels();
        return new Plane(pixels, bounds.Left, bounds.Top, _stage.Layers[first].Depth);
    }

    private void Cards(IReadOnlyList<SKImage> cards)
    {
        for (var i = 0; i < cards.Count; i++)
        {
            var (card, index) = (cards[i], i);
            _stage.Moving(0.9f, (ink, t) =>
            {
                var aspect = card.Width / (float)card.Height;
                var h = MathF.Min(_stage.Unit * 0.42f, _stage.Width * 0.82f / cards.Count / aspect);
                var w = h * aspect;
                var x = _stage.Width * (0.5f + ((index + 0.5f - (cards.Count / 2f)) * 0.94f / cards.Count));
                var y = (_stage.Height * 0.4f) + (MathF.Sin((t * 0.8f) + index) * h * 0.05f);
                using (ink.At(x, y, degrees: (((index % 2) * 2) - 1) * (4 + MathF.Sin((t * 0.6f) + index))))
                {
                    ink.Round((-w / 2) + (h * 0.02f), (-h / 2) + (h * 0.04f), w + (h * 0.06f), h + (h * 0.1f), h * 0.02f,
                        SKColors.Black.Fade(0.35f));
                    ink.Round((-w / 2) - (h * 0.04f), (-h / 2) - (h * 0.04f), w + (h * 0.08f), h + (h * 0.12f), h * 0.02f, SKColors.White);
                    ink.Canvas.DrawImage(card, new SKRect(-w / 2, -h / 2, w / 2, h / 2), new SKSamplingOptions(SKFilterMode.Linear));
                }
            });
        }
    }

    private sealed record Part(float Depth, Plane? Plane, Action<Ink>? Still, Action<Ink, float>? Moving);
}
