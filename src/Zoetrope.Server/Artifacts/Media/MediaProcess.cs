using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Zoetrope.Server.Artifacts.Media;

/// <summary>What a finished media process said.</summary>
internal sealed record MediaProcessResult(bool Succeeded, string Output, string Errors)
{
    /// <summary>The program is not installed.</summary>
    public bool IsMissing { get; init; }
}

/// <summary>
/// Runs ffmpeg, ffprobe and heif-dec on local files: an argument list and never a shell line, an empty environment (no keys, no
/// proxies), limits of memory, CPU and output size set before the program starts, and an end by the clock.
/// </summary>
internal sealed class MediaProcess(ArtifactOptions options) : IDisposable
{
    private const int MaxOutput = 256 * 1024;

    private readonly SemaphoreSlim _slots = new(options.MediaProcesses);

    public Task<MediaProcessResult> FfprobeAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        RunAsync(options.Ffprobe, arguments, cancellationToken);

    public Task<MediaProcessResult> FfmpegAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        RunAsync(options.Ffmpeg, arguments, cancellationToken);

    /// <summary>libheif's decoder, which is an addition: where it is not installed, the result says so.</summary>
    public Task<MediaProcessResult> HeifAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        RunAsync(HeifDecoder(), arguments, cancellationToken);

    /// <summary>Input options that pin the demuxer to the sniffed type: no probing, no playlist, no protocol but files.</summary>
    public static string[] Input(string path, string contentType) =>
    [
        "-protocol_whitelist", "file",
        "-format_whitelist", Demuxer(contentType),
        "-f", Demuxer(contentType).Split(',')[0],
        "-i", "file:" + path,
    ];

    /// <summary>The one demuxer of a type, or none when ffmpeg is not asked about it.</summary>
    public static string Demuxer(string contentType) => contentType switch
    {
        "video/mp4" or "video/quicktime" or "audio/mp4" => "mov,mp4,m4a,3gp,3g2,mj2",
        "video/webm" or "video/x-matroska" => "matroska,webm",
        "audio/wav" => "wav",
        "audio/mpeg" => "mp3",
        "audio/aac" => "aac",
        "audio/ogg" => "ogg",
        "audio/flac" => "flac",
        _ => throw new ArgumentException($"No demuxer for {contentType}.", nameof(contentType)),
    };

    public void Dispose() => _slots.Dispose();

    private async Task<MediaProcessResult> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            return await StartAsync(program, arguments, cancellationToken);
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task<MediaProcessResult> StartAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = Limited(program, arguments) };
        // The machine's own time: a program runs in it, whatever clock the server is given.
        using var limit = new CancellationTokenSource(options.MediaProcessTimeout);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException("A POSIX shell is needed to run media processes under limits.", exception);
        }

        try
        {
            var output = ReadAsync(process.StandardOutput, both.Token);
            var errors = ReadAsync(process.StandardError, both.Token);
            await process.WaitForExitAsync(both.Token);
            if (process.ExitCode == 127 && program != options.Ffmpeg && program != options.Ffprobe)
            {
                return new MediaProcessResult(false, "", "not installed") { IsMissing = true };
            }

            if (process.ExitCode == 127)
            {
                throw new InvalidOperationException(
                    $"'{program}' was not found; install ffmpeg or set Zoetrope:Artifacts:Ffmpeg and Ffprobe.");
            }

            return new MediaProcessResult(process.ExitCode == 0, await output, await errors);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new MediaProcessResult(false, "", "time limit");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    // The tool was renamed; distributions have the one, the other, or both.
    private string HeifDecoder() => options.HeifDecoder.Length > 0
        ? options.HeifDecoder
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(static directory =>
            File.Exists(Path.Combine(directory, "heif-dec"))) ? "heif-dec" : "heif-convert";

    // ulimit is the one way to set limits on a child that every POSIX system has; "$@" passes the list on unread.
    private ProcessStartInfo Limited(string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        var path = start.Environment.TryGetValue("PATH", out var own) ? own : "/usr/local/bin:/usr/bin:/bin";
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        start.ArgumentList.Add("-c");

        // A limit can only fail to be set where the process already runs under a stricter one.
        start.ArgumentList.Add(
            """
            ulimit -v "$1" 2>/dev/null; ulimit -t "$2" 2>/dev/null; ulimit -f "$3" 2>/dev/null; ulimit -c 0
            shift 3
            exec "$@" < /dev/null
            """);
        start.ArgumentList.Add("media");
        start.ArgumentList.Add((options.MediaProcessMegabytes * 1024L).ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add(((int)options.MediaProcessTimeout.TotalSeconds + 1).ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add("131072"); // blocks of 512 bytes: nothing these programs write for us exceeds 64 MiB
        start.ArgumentList.Add(program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    // Keeps reading past the cap, so that a chatty process does not block on a full pipe.
    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            text.Append(buffer, 0, Math.Min(read, MaxOutput - text.Length));
        }

        return text.ToString();
    }
}
