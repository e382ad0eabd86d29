using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Zoetrope.Server.Providers.Sandbox.Worker;

/// <summary>
/// The child process that draws and encodes, so that neither memory, nor hostile input, nor CPU time of a render
/// reaches the API. One job per line on stdin, reports on stdout, the end of stdin is the end of the process.
/// </summary>
internal static partial class SandboxWorker
{
    /// <summary>The first argument that makes the server's binary a worker.</summary>
    public const string Command = "sandbox-worker";

    private const int Niceness = 10;
    private const int LimitData = 2;
    private const int LimitCore = 4;
    private const ulong MaxData = 4UL << 30;

    public static async Task<int> RunAsync(Stream stdin, Stream stdout)
    {
        // Children inherit it. A refusal (a platform without it) only costs politeness.
        _ = SetPriority(0, 0, Niceness);
        if (OperatingSystem.IsLinux())
        {
            // A picture made to fill the memory ends this process or ffmpeg, not the machine.
            _ = SetLimit(LimitData, new Limit(MaxData, MaxData));
            _ = SetLimit(LimitCore, new Limit(0, 0));
        }

        using var reader = new StreamReader(stdin);
        var lines = System.Threading.Channels.Channel.CreateUnbounded<string>();
        var work = WorkAsync(lines.Reader, stdout);
        while (await reader.ReadLineAsync() is { } line)
        {
            lines.Writer.TryWrite(line);
        }

        // The server is gone, maybe in the middle of a render: its pipes close with us, and ffmpeg with them.
        lines.Writer.TryComplete();
        return work.IsCompletedSuccessfully ? 0 : 1;
    }

    private static async Task WorkAsync(System.Threading.Channels.ChannelReader<string> lines, Stream stdout)
    {
        await foreach (var line in lines.ReadAllAsync())
        {
            var job = JsonSerializer.Deserialize(line, RenderJson.Default.RenderJob)!;
            var clock = Stopwatch.StartNew();
            var told = -1;
            void Progress(int percent)
            {
                if (percent != told && clock.ElapsedMilliseconds > 100)
                {
                    told = percent;
                    clock.Restart();
                    Report(stdout, new RenderReport(job.Id, percent));
                }
            }

            try
            {
                await Task.Run(() => JobRenderer.RenderAsync(job, Progress));
                Report(stdout, new RenderReport(job.Id, 100, Done: true));
            }
            catch (UnusableInputException e)
            {
                Report(stdout, new RenderReport(job.Id, 0, Error: e.Message, Input: true));
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Report(stdout, new RenderReport(job.Id, 0, Error: e.Message));
            }
        }
    }

    private static void Report(Stream stdout, RenderReport report)
    {
        stdout.Write([.. JsonSerializer.SerializeToUtf8Bytes(report, RenderJson.Default.RenderReport), (byte)'\n']);
        stdout.Flush();
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int value);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    private readonly record struct Limit(ulong Soft, ulong Hard);
}
