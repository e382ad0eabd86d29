using System.Runtime.InteropServices;
using SkiaSharp;
using Zoetrope.Sandbox.Drawing;
using Zoetrope.Sandbox.Lettering;
using Zoetrope.Sandbox.Scenes;
using Zoetrope.Workers;

namespace Zoetrope.Sandbox.Rendering;

/// <summary>The one canvas that all frames of a clip are drawn on.</summary>
internal sealed class FrameCanvas(RenderJob job, Scene scene, SceneRenderer renderer, SKImage? last) : IDisposable
{
    private readonly SKSurface _surface = SKSurface.Create(new SKImageInfo(job.Output.Width, job.Output.Height, SKColorType.Bgra8888,
        SKAlphaType.Opaque));
    private readonly StyleFilter _filter = new(scene.Style, job.Output.Width, job.Output.Height, scene.Seed);
    private readonly SKPaint _veil = new();

    public void Draw(int frame, byte[] planar)
    {
        var progress = job.Frames > 1 ? frame / (job.Frames - 1f) : 0;
        renderer.Draw(_surface, frame / (float)job.Output.FramesPerSecond, progress);
        if (last is not null && progress > 0.45f)
        {
            // First-and-last-frame clips end on the last image.
            var share = Math.Clamp((progress - 0.45f) / 0.5f, 0, 1);
            _veil.Color = SKColors.White.WithAlpha((byte)(255 * share * share * (3 - (2 * share))));
            _surface.Canvas.DrawImage(last, 0, 0, SKSamplingOptions.Default, _veil);
        }

        using var pixels = _surface.PeekPixels();
        _filter.Apply(MemoryMarshal.Cast<byte, uint>(pixels.GetPixelSpan<byte>()));
        Letters.Badge(_surface.Canvas, job.Output.Width, job.Output.Height);
        Convert(pixels, planar);
    }

    public static unsafe void Convert(SKPixmap pixels, byte[] planar)
    {
        fixed (byte* to = planar)
        {
            Planar.FromBgra((byte*)pixels.GetPixels(), pixels.Width, pixels.Height, to);
        }
    }

    public void Dispose()
    {
        _veil.Dispose();
        _surface.Dispose();
    }
}
