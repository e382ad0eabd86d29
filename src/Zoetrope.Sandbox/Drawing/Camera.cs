using Zoetrope.Sandbox.Scenes;

namespace Zoetrope.Sandbox.Drawing;

/// <summary>How the camera moves through a clip; nearer things move more.</summary>
internal sealed class Camera(CameraMove move, float width, float height)
{
    /// <summary>How far layers must reach beyond the frame, as a share of it.</summary>
    public float Margin => move switch
    {
        CameraMove.Static => 0,
        CameraMove.Natural => 0.025f,
        CameraMove.ZoomIn or CameraMove.ZoomOut => 0.01f,
        _ => 0.16f,
    };

    public bool Moves => move != CameraMove.Static;

    /// <summary>The view of one depth when <paramref name="progress"/> (0–1) of the clip is over.</summary>
    public View At(float progress, float depth)
    {
        if (!Moves)
        {
            return View.Rest;
        }

        // Starts and stops softly, but is never seen to stand.
        var p = (0.6f * progress) + (0.4f * progress * progress * (3 - (2 * progress)));
        var across = (2 * p) - 1;
        var (x, y, zoom) = move switch
        {
            CameraMove.Natural => (0.02f * across, 0, 1 + (0.035f * p)),
            CameraMove.PanLeft => (0.155f * across, 0, 1),
            CameraMove.PanRight => (-0.155f * across, 0, 1),
            CameraMove.Tracking => (-0.155f * across, 0, 1),
            CameraMove.TiltUp => (0, 0.155f * across, 1),
            CameraMove.TiltDown => (0, -0.155f * across, 1),
            CameraMove.ZoomIn => (0, 0, 1 + (0.3f * p)),
            CameraMove.ZoomOut => (0, 0, 1.3f - (0.3f * p)),
            _ => (0.1f * MathF.Sin(p * MathF.Tau), 0.02f * (MathF.Cos(p * MathF.Tau) - 1), 1.06f),
        };
        var weight = move == CameraMove.Tracking ? 0.1f + (0.9f * depth) : 0.4f + (0.6f * depth);
        var scale = 1 + ((zoom - 1) * (0.35f + (0.65f * depth)));
        return new View(
            scale,
            (width / 2 * (1 - scale)) + (x * weight * width),
            (height * 0.6f * (1 - scale)) + (y * weight * height));
    }
}
