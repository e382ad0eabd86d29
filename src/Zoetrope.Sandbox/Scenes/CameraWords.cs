namespace Zoetrope.Sandbox.Scenes;

/// <summary>What a prompt says about the camera, the pace and the look in more words than one.</summary>
internal static class CameraWords
{
    public static (CameraMove Camera, float Tempo, Style Style) Read(IReadOnlyList<string> words)
    {
        var text = string.Join(' ', words);
        bool Has(params ReadOnlySpan<string> parts)
        {
            foreach (var part in parts)
            {
                if (text.Contains(part, StringComparison.Ordinal))
                {
                    return true;
                }
            }

            return false;
        }

        var camera = Has("pan left", "pans left", "panning left", "truck left") ? CameraMove.PanLeft
            : Has("pan right", "pans right", "panning", "truck right", "camera pan") ? CameraMove.PanRight
            : Has("zoom out", "zooms out", "zooming out", "dolly out", "pull back", "pulls back", "pull out") ? CameraMove.ZoomOut
            : Has("zoom", "dolly", "push in", "pushes in", "fly through", "flythrough") ? CameraMove.ZoomIn
            : Has("tilt down") ? CameraMove.TiltDown
            : Has("tilt", "crane up", "rising shot") ? CameraMove.TiltUp
            : Has("orbit shot", "orbits", "orbiting camera", "camera orbit", "arc shot", "360") ? CameraMove.Orbit
            : Has("tracking", "follow shot", "camera follows", "dolly along") ? CameraMove.Tracking
            : Has("static", "locked", "still camera", "fixed camera") ? CameraMove.Static
            : CameraMove.Natural;
        var tempo = Has("timelapse", "time-lapse", "time lapse", "hyperlapse") ? 6 : Has("slow motion", "slow-motion", "slowmo", "slow mo")
            ? 0.35f : 1;
        var style = Has("black and white", "black & white") ? Style.Mono : Has("line art") ? Style.Sketch : Has("low poly") ? Style.LowPoly
            : Style.Plain;
        return (camera, tempo, style);
    }
}
