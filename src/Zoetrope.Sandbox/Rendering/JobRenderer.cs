using System.Runtime.InteropServices;
using SkiaSharp;
using Zoetrope.Sandbox.Drawing;
using Zoetrope.Sandbox.Lettering;
using Zoetrope.Sandbox.Scenes;
using Zoetrope.Sandbox.Sound;
using Zoetrope.Workers;

namespace Zoetrope.Sandbox.Rendering;

/// <summary>Makes the file of one job, whichever mode it is.</summary>
internal static class JobRenderer
{
    private const float StillMoment = 1.4f;
    private const int MaxCards = 7;

    public static async Task RenderAsync(RenderJob job, Action<int> progress)
    {
        var video = job.Output.IsVideo;
        if (job.Mode == "upscale" && !video)
        {
            InputImages.Resample(First(job, "image").Path, job.Output.Width, job.Output.Height, job.Output.Format, job.Path);
            return;
        }

        if (video && ((job.Output.Width | job.Output.Height) & 1) != 0)
        {
            throw new UnusableInputException("The width and height of a video must be even.");
        }

        var source = job.Inputs.FirstOrDefault(static input => input.ContentType.StartsWith("video/", StringComparison.Ordinal));
        if (video && job.Mode is "upscale" or "video-edit")
        {
            await TranscodeAsync(job, source ?? throw new UnusableInputException("The job has no input video."), progress);
            return;
        }

        var scene = SceneReader.Read(job.Model, job.Prompt, job.Seed);
        var images = job.Inputs.Where(static input => input.ContentType.StartsWith("image/", StringComparison.Ordinal)).ToList();
        var cards = job.Mode == "reference-to-video" || (!video && images.Count > 1);
        using var backdrop = images.Count > 0 && job.Mode != "reference-to-video"
            ? InputImages.Cover(images[0].Path, job.Output.Width, job.Output.Height) : null;
        using var last = video && images.Count > 1 && !cards ? InputImages.Cover(images[^1].Path, job.Output.Width, job.Output.Height)
            : null;
        var sound = video ? Task.Run(() => Sound(job, scene)) : null;
        var shown = new List<SKImage>();
        try
        {
            if (cards)
            {
                await AddCardsAsync(job, images.Skip(backdrop is null ? 0 : 1), shown);
            }

            if (backdrop is not null && !video && scene is { Style: Style.Plain, Casts.Count: 0, Weather: Weather.None, Sign: null })
            {
                // A given image must come back visibly changed, even by a prompt that names no style.
                scene = scene with { Style = Style.Watercolor };
            }

            // Without a background: what a prompt names stands alone, and a place or a given image has an edge.
            var alone = job.Output.Transparent && images.Count == 0 && scene.Casts.Count > 0;
            using var renderer = new SceneRenderer(scene, job.Output.Width, job.Output.Height, video ? (float)job.Output.DurationSeconds
                : 0, backdrop, shown, over: alone);
            if (sound is not null)
            {
                await VideoAsync(job, scene, renderer, last, (await sound)?.Path, progress);
                return;
            }

            Image(job, scene, renderer, cutOut: job.Output.Transparent && !alone);
        }
        finally
        {
            shown.ForEach(static image => image.Dispose());
            if (sound is not null)
            {
                (await sound)?.Dispose();
            }
        }
    }

    // Reference images, and the first picture of each reference video.
    private static async Task AddCardsAsync(RenderJob job, IEnumerable<RenderInput> images, List<SKImage> shown)
    {
        var side = Math.Min(1024, job.Output.Height);
        shown.AddRange(images.Take(MaxCards).Select(image => InputImages.Fit(image.Path, side)));
        foreach (var video in job.Inputs.Where(static input => input.ContentType.StartsWith("video/",
            StringComparison.Ordinal)).Take(MaxCards - shown.Count))
        {
            using var frame = new TemporaryFile(job.Path + ".png");
            using var ffmpeg = Ffmpeg.Start(Ffmpeg.FirstFrame(video.Path, frame.Path), input: false, output: false);
            var errors = await ffmpeg.StandardError.ReadToEndAsync();
            await ffmpeg.WaitForExitAsync();
            shown.Add(ffmpeg.ExitCode == 0 && File.Exists(frame.Path)
                ? InputImages.Fit(frame.Path, side)
                : throw new UnusableInputException("The reference video cannot be decoded; it is damaged or incomplete.", errors));
        }
    }

    /// <summary>The frames of a clip as raw planar YUV in one file, for measuring the encoder alone.</summary>
    public static void DumpRawFrames(RenderJob job, string path)
    {
        var scene = SceneReader.Read(job.Model, job.Prompt, job.Seed);
        using var renderer = new SceneRenderer(scene, job.Output.Width, job.Output.Height, (float)job.Output.DurationSeconds);
        using var canvas = new FrameCanvas(job, scene, renderer, null);
        using var file = File.Create(path);
        var planar = new byte[Planar.Size(job.Output.Width, job.Output.Height)];
        for (var i = 0; i < job.Frames; i++)
        {
            canvas.Draw(i, planar);
            file.Write(planar);
        }
    }

    private static void Image(RenderJob job, Scene scene, SceneRenderer renderer, bool cutOut)
    {
        var (width, height) = (job.Output.Width, job.Output.Height);
        using var surface = SKSurface.Create(new SKImageInfo(width, height, SKColorType.Bgra8888,
            job.Output.Transparent ? SKAlphaType.Premul : SKAlphaType.Opaque));
        renderer.Draw(surface, StillMoment, 0.4f);
        if (cutOut)
        {
            using var inside = new SKPaint { IsAntialias = true, BlendMode = SKBlendMode.DstIn };
            surface.Canvas.SaveLayer(inside);
            using var white = new SKPaint { IsAntialias = true, Color = SKColors.White };
            surface.Canvas.DrawOval(width / 2f, height / 2f, width * 0.47f, height * 0.47f, white);
            surface.Canvas.Restore();
        }

        using var pixels = surface.PeekPixels();
        var colours = MemoryMarshal.Cast<byte, uint>(pixels.GetPixelSpan<byte>());
        var alphas = job.Output.Transparent ? colours.ToArray() : [];
        new StyleFilter(scene.Style, width, height, scene.Seed).Apply(colours);
        for (var i = 0; i < alphas.Length; i++)
        {
            colours[i] = Covered(colours[i], alphas[i] >> 24);
        }

        Letters.Badge(surface.Canvas, width, height);
        ImageFile.Write(pixels, job.Output.Format, job.Path);
    }

    // A style changes colours, not what is seen through; premultiplied colours are no larger than their alpha.
    private static uint Covered(uint colour, uint alpha) => (alpha << 24)
        | (Math.Min((colour >> 16) & 255, alpha) << 16) | (Math.Min((colour >> 8) & 255, alpha) << 8) | Math.Min(colour & 255, alpha);

    private static async Task VideoAsync(RenderJob job, Scene scene, SceneRenderer renderer, SKImage? last, string? sound,
        Action<int> progress)
    {
        var given = job.Output.Audio ? job.Inputs.FirstOrDefault(static input =>
            input.ContentType.StartsWith("audio/", StringComparison.Ordinal)) : null;
        await using var encoder = new VideoEncoder(job, sound, given?.Path);
        using var canvas = new FrameCanvas(job, scene, renderer, last);
        for (var i = 0; i < job.Frames; i++)
        {
            var planar = await encoder.RentAsync();
            canvas.Draw(i, planar);
            await encoder.AddAsync(planar);
            progress(i * 99 / job.Frames);
        }

        await encoder.CompleteAsync();
    }

    private static async Task TranscodeAsync(RenderJob job, RenderInput source, Action<int> progress)
    {
        var (width, height) = (job.Output.Width, job.Output.Height);
        var scene = SceneReader.Read(job.Model, job.Prompt, job.Seed);
        var keep = job.KeepAudio && job.Output.Audio && await HasAudioAsync(source.Path);
        using var sound = keep ? null : Sound(job, scene);
        await using var encoder = new VideoEncoder(job, sound?.Path, keep ? source.Path : null);
        using var decoder = Ffmpeg.Start(Ffmpeg.Decode(source.Path, width, height, job.Output.FramesPerSecond), input: false, output: true);
        var errors = decoder.StandardError.ReadToEndAsync();
        var edit = job.Mode == "video-edit";
        using var drawn = edit && (scene.Casts.Count > 0 || scene.Weather != Weather.None || scene.Sign is not null)
            ? new SceneRenderer(scene, width, height, (float)job.Output.DurationSeconds, over: true) : null;
        // An edit must be seen, even of a prompt that names neither a style nor anything to draw.
        var style = !edit ? Style.Plain : scene.Style is not (Style.Plain or Style.Minimal or Style.Neon) ? scene.Style : drawn is null
            ? Style.Vintage : Style.Plain;
        var filter = new StyleFilter(style, width, height, scene.Seed);
        using var surface = SKSurface.Create(new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Opaque));
        using var pixels = surface.PeekPixels();
        var previous = new byte[Planar.Size(width, height)];
        try
        {
            for (var i = 0; i < job.Frames; i++)
            {
                var planar = await encoder.RentAsync();
                var read = await decoder.StandardOutput.BaseStream.ReadAtLeastAsync(planar, planar.Length, throwOnEndOfStream: false);
                if (read == planar.Length)
                {
                    Planar.ToBgra(planar, width, height, MemoryMarshal.Cast<byte, uint>(pixels.GetPixelSpan<byte>()));
                    drawn?.Draw(surface, i / (float)job.Output.FramesPerSecond, job.Frames > 1 ? i / (job.Frames - 1f) : 0);
                    filter.Apply(MemoryMarshal.Cast<byte, uint>(pixels.GetPixelSpan<byte>()));
                    Letters.Badge(surface.Canvas, width, height);
                    FrameCanvas.Convert(pixels, planar);
                    planar.CopyTo(previous, 0);
                }
                else if (i == 0)
                {
                    throw new UnusableInputException("The input video cannot be decoded; it is damaged or incomplete.", await errors);
                }
                else
                {
                    // The asked duration rules: a short input holds its last frame.
                    previous.CopyTo(planar, 0);
                }

                await encoder.AddAsync(planar);
                progress(i * 99 / job.Frames);
            }

            await encoder.CompleteAsync();
        }
        finally
        {
            if (!decoder.HasExited)
            {
                decoder.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task<bool> HasAudioAsync(string path)
    {
        using var probe = Ffmpeg.Start([.. Ffmpeg.Guarded(path), "-map", "0:a:0", "-t", "0.1", "-f", "null", "-"], input: false,
            output: false);
        await probe.StandardError.ReadToEndAsync();
        await probe.WaitForExitAsync();
        return probe.ExitCode == 0;
    }

    private static TemporaryFile? Sound(RenderJob job, Scene scene)
    {
        if (!job.Output.Audio)
        {
            return null;
        }

        var file = new TemporaryFile(job.Path + ".wav");
        Ambience.Write(file.Path, scene, (long)Math.Round(job.Frames / (double)job.Output.FramesPerSecond * Ambience.Rate));
        return file;
    }

    private static RenderInput First(RenderJob job, string kind) =>
        job.Inputs.FirstOrDefault(input => input.ContentType.StartsWith(kind + "/", StringComparison.Ordinal))
        ?? throw new UnusableInputException($"The job has no input {kind}.");

    private sealed class TemporaryFile(string path) : IDisposable
    {
        public string Path { get; } = path;

        public void Dispose() => File.Delete(Path);
    }
}
