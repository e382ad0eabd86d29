using System.Diagnostics;
using Zoetrope.Sandbox.Rendering;
using Zoetrope.Sandbox.Scenes;
using Zoetrope.Sandbox.Sound;
using Zoetrope.Server.Providers.Sandbox;
using Zoetrope.Workers;

namespace Zoetrope.Bench;

/// <summary>Drawing and encoding a clip in the sandbox's worker, against ffmpeg alone on the same frames with the same settings.</summary>
internal static class RenderBench
{
    private const double Bar = 1.5;
    private const int MaxRounds = 3;

    private static readonly (string Camera, string Prompt)[] Clips =
    [
        ("static", "a sailboat at sunset, static camera"),
        ("unnamed", "a red fox in a forest"),
        ("pan", "a hot-air balloon over mountains at sunrise, pan right"),
        ("zoom", "a campfire in a dark forest, zoom in"),
    ];

    private static readonly RenderOutput Output = new(IsVideo: true, "mp4", 1280, 720, FramesPerSecond: 24, DurationSeconds: 10, Audio: true);

    public static async Task<bool> RunAsync(BenchSettings settings)
    {
        var directory = Directory.CreateTempSubdirectory("zoetrope-bench-");
        try
        {
            var met = true;
            using var worker = new RenderProcess(new SandboxOptions(), TimeProvider.System);
            var cold = await RenderAsync(worker, Job(Clips[0].Prompt, directory));
            await RenderAsync(worker, Job(Clips[^1].Prompt, directory));
            foreach (var (camera, prompt) in Clips)
            {
                met &= await CompareAsync(camera, Job(prompt, directory), worker, directory, Math.Min(settings.Rounds, MaxRounds));
            }

            Console.WriteLine($"render: {cold:0.00} s in a new worker");
            return met;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<bool> CompareAsync(string camera, RenderJob job, RenderProcess worker, DirectoryInfo directory, int rounds)
    {
        var (raw, wav) = (Path.Combine(directory.FullName, "frames.yuv"), Path.Combine(directory.FullName, "sound.wav"));
        JobRenderer.DumpRawFrames(job, raw);
        Ambience.Write(wav, SceneReader.Read(job.Model, job.Prompt, job.Seed), (long)(Output.DurationSeconds * Ambience.Rate));
        var (rendering, encoding) = (new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            encoding.Add(await EncodeAsync(job, raw, wav, Path.Combine(directory.FullName, "alone.mp4")));
            rendering.Add(await RenderAsync(worker, job));
        }

        var ratio = SubmitBench.Median(rendering) / SubmitBench.Median(encoding);
        Console.WriteLine(
            $"render, {camera} camera: {SubmitBench.Median(rendering):0.00} s, ffmpeg alone {SubmitBench.Median(encoding):0.00} s, ratio {ratio:0.00} (bar {Bar})");
        return ratio <= Bar;
    }

    private static async Task<double> RenderAsync(RenderProcess worker, RenderJob job)
    {
        var clock = Stopwatch.StartNew();
        var report = await worker.RenderAsync(job, static _ => { }, CancellationToken.None);
        return report is { Done: true } ? clock.Elapsed.TotalSeconds : throw new InvalidOperationException($"The worker failed: {report?.Error}");
    }

    private static async Task<double> EncodeAsync(RenderJob job, string raw, string wav, string path)
    {
        var clock = Stopwatch.StartNew();
        using var ffmpeg = Ffmpeg.Start(Ffmpeg.Encode(Output, job.Frames, wav, null, path, "file:" + raw), input: false, output: false);

        // As polite as the worker's, or the comparison would be with an encoder that goes first.
        ffmpeg.PriorityClass = ProcessPriorityClass.BelowNormal;
        var errors = await ffmpeg.StandardError.ReadToEndAsync();
        await ffmpeg.WaitForExitAsync();
        return ffmpeg.ExitCode == 0 ? clock.Elapsed.TotalSeconds : throw new InvalidOperationException($"ffmpeg failed: {errors}");
    }

    private static RenderJob Job(string prompt, DirectoryInfo directory) =>
        new("bench", "sandbox", "text-to-video", prompt, 0, false, [], Output, Path.Combine(directory.FullName, "rendered.mp4"));
}
