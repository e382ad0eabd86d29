using System.Diagnostics;
using System.Threading.Channels;
using Zoetrope.Sandbox.Rendering;
using Zoetrope.Workers;

namespace Zoetrope.Sandbox;

/// <summary>
/// The built-in provider's worker. It draws and encodes in a process of its own, so that neither memory, nor hostile input, nor
/// CPU time of a render reaches the API. Jobs come on stdin, reports go to stdout, the end of stdin is the end of the process.
/// </summary>
internal static class Program
{
    private const int Niceness = 10;
    private const long MaxMemory = 4L << 30;
    private const long MaxFile = 4L << 30;

    private static async Task<int> Main()
    {
        using var stdin = Console.OpenStandardInput();
        using var stdout = Console.OpenStandardOutput();
        Confinement.Limit(Niceness, MaxMemory, MaxFile);
        if (!SystemCallFilter.Apply(startsPrograms: true))
        {
            Console.Error.WriteLine("Zoetrope.Sandbox: this system does not support a system call filter, so the renderer is not cut "
                + "off from the network.");
        }

        var jobs = Channel.CreateUnbounded<RenderJob>();
        var work = WorkAsync(jobs.Reader, stdout);
        while (await Frames.ReadAsync(stdin, RenderJson.Default.RenderJob) is { } job)
        {
            jobs.Writer.TryWrite(job);
        }

        // The server is gone, maybe in the middle of a render: its pipes close with us, and ffmpeg with them.
        jobs.Writer.TryComplete();
        return work.IsCompletedSuccessfully ? 0 : 1;
    }

    private static async Task WorkAsync(ChannelReader<RenderJob> jobs, Stream stdout)
    {
        await foreach (var job in jobs.ReadAllAsync())
        {
            await Frames.WriteAsync(stdout, await RenderAsync(job, stdout), RenderJson.Default.RenderReport);
        }
    }

    // For a line of the log; ffmpeg can say a line for each frame.
    private static string? Short(string? detail) => detail is { Length: > 2000 } ? detail[..2000] : detail;

    private static async Task<RenderReport> RenderAsync(RenderJob job, Stream stdout)
    {
        var clock = Stopwatch.StartNew();
        var told = -1;
        void Progress(int percent)
        {
            if (percent != told && clock.ElapsedMilliseconds > 100)
            {
                told = percent;
                clock.Restart();
                Frames.WriteAsync(stdout, new RenderReport(job.Id, percent), RenderJson.Default.RenderReport).GetAwaiter().GetResult();
            }
        }

        try
        {
            await Task.Run(() => JobRenderer.RenderAsync(job, Progress));
            return new RenderReport(job.Id, 100, Done: true);
        }
        catch (UnusableInputException e)
        {
            return new RenderReport(job.Id, 0, Error: e.Message, Input: true, Detail: Short(e.Detail));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new RenderReport(job.Id, 0, Error: "The renderer failed.", Detail: Short(e.ToString()));
        }
    }
}
