using SkiaSharp;
using Zoetrope.Sandbox.Scenes;

namespace Zoetrope.Sandbox.Drawing;

/// <summary>
/// The frame a scene is built in: its measures, its light, and the layers that painters add from back to front.
/// Layers reach a little beyond the frame so that the camera may move.
/// </summary>
internal sealed class Stage(Scene scene, int width, int height, float margin)
{
    private readonly List<Layer> _layers = [];

    public Scene Scene { get; } = scene;

    public Mood Mood { get; init; } = Mood.Of(scene);

    public Dice Dice { get; } = new(scene.Seed);

    public required Camera Camera { get; init; }

    /// <summary>Length of the clip; 0 for a still.</summary>
    public float Seconds { get; init; }

    public float Width { get; } = width;

    public float Height { get; } = height;

    /// <summary>The unit for sizes of things: balanced between the two sides, so that 21:9 and 9:16 both fill well.</summary>
    public float Unit { get; } = MathF.Min(MathF.Min(width, height) * 1.25f, MathF.Sqrt((float)width * height)) * 0.9f;

    // Whole pixels: a plane with half-covered edges would not hide what is behind it.
    public float Left { get; } = -MathF.Ceiling(width * margin);

    public float Right { get; } = width + MathF.Ceiling(width * margin);

    public float Top { get; } = -MathF.Ceiling(height * margin);

    public float Bottom { get; } = height + MathF.Ceiling(height * margin);

    /// <summary>Where the sky meets the rest.</summary>
    public float Horizon { get; set; } = height * 0.6f;

    /// <summary>The line on which the feet of the nearest subject stand.</summary>
    public float Ground { get; set; } = height * 0.86f;

    /// <summary>Where boats float and reflections start; null on dry land.</summary>
    public float? Water { get; set; }

    /// <summary>Indoors there is no sky and no weather.</summary>
    public bool Indoors { get; set; }

    public bool HasSky { get; set; } = true;

    public float SunX => Width * (Dice.At(901) < 0.5f ? 0.3f : 0.7f);

    public float SunY => Horizon - (Horizon * Mood.SunHeight);

    public IReadOnlyList<Layer> Layers => _layers;

    public SKRect Bounds => new(Left, Top, Right, Bottom);

    /// <summary>Adds what never changes; it is drawn once per job.</summary>
    public void Still(float depth, Action<Ink> draw) => _layers.Add(new Layer(depth, draw, null));

    /// <summary>Adds what moves; it is drawn for every frame from the seconds passed.</summary>
    public void Moving(float depth, Action<Ink, float> draw) => _layers.Add(new Layer(depth, null, draw));
}

/// <summary>One plane of the scene.</summary>
/// <param name="Depth">0 is infinitely far, 1 is near; decides how far the camera shifts it.</param>
internal sealed record Layer(float Depth, Action<Ink>? Still, Action<Ink, float>? Moving);
