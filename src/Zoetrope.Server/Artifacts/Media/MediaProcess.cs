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

    /// <summary>The system ended it: it used more processor time or memory than it may.</summary>
    public bool IsKilled { get; init; }

    /// <summary>The clock ended it, which a busy machine can be the reason of.</summary>
    public bool IsLate { get; init; }

    /// <summary>It said more than is read, and was ended.</summary>
    public bool IsCut { get; init; }
}

/// <summary>A program that the server needs is not installed, which says nothing about a file.</summary>
internal sealed class ProgramMissingException(string message, Exception? inner = null) : InvalidOperationException(message, inner);

/// <summary>What one media process may use.</summary>
/// <param name="Time">Until it is ended.</param>
/// <param name="ProcessorSeconds">The same of its own work.</param>
/// <param name="Megabytes">Of memory.</param>
/// <param name="MaxOutput">Characters that are read of what it says; null reads some of it and lets it go on.</param>
/// <param name="Niceness">How far it stands back behind others.</param>
internal readonly record struct MediaLimits(TimeSpan Time, int ProcessorSeconds, int Megabytes, int? MaxOutput, int Niceness);

/// <summary>
/// Runs ffmpeg, ffprobe and heif-dec on local files: an argument list and never a shell line, an empty environment (no keys, no
/// proxies), limits of memory, CPU and output size set before the program starts, and an end by the clock.
/// </summary>
internal sealed class MediaProcess(ArtifactOptions options) : IDisposable
{
    private const int MaxOutput = 256 * 1024;

    // That of the sandbox's renderer: beside a render an input gets half of a processor, and so does the render.
    private const int InputNiceness = 10;

    // An honest video of the longest that a model takes is read in a tenth of a second and says half a megabyte.
    private static readonly MediaLimits Probe = new(
        TimeSpan.FromSeconds(15), ProcessorSeconds: 4, Megabytes: 768, MaxOutput: 8 << 20, Niceness: InputNiceness);

    private readonly MediaPlaces _places = new(options.MediaProcesses);

    private MediaLimits Usual { get; } = new(
        options.MediaProcessTimeout, (int)options.MediaProcessTimeout.TotalSeconds + 1, options.MediaProcessMegabytes, null, Niceness: 0);

    public Task<MediaProcessResult> FfprobeAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        RunAsync(options.Ffprobe, arguments, null, Usual, cancellationToken);

    /// <summary>The same about an account's input, with little of everything: whoever sends it pays nothing for it.</summary>
    public Task<MediaProcessResult> FfprobeInputAsync(IReadOnlyList<string> arguments, string account, CancellationToken cancellationToken)
    {
        var limits = Probe with { Megabytes = Math.Min(Probe.Megabytes, options.MediaProcessMegabytes) };
        return RunAsync(options.Ffprobe, arguments, account, limits, cancellationToken);
    }

    public Task<MediaProcessResult> FfmpegAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        RunAsync(options.Ffmpeg, arguments, null, Usual, cancellationToken);

    /// <summary>
    /// libheif's decoder on an account's input. It is an addition: where it is not installed, the result says so.
    /// </summary>
    public Task<MediaProcessResult> HeifAsync(IReadOnlyList<string> arguments, string account, CancellationToken cancellationToken) =>
        RunAsync(HeifDecoder(), arguments, account, Usual with { Niceness = InputNiceness }, cancellationToken);

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

    public void Dispose() => _places.Dispose();

    private async Task<MediaProcessResult> RunAsync(
        string program, IReadOnlyList<string> arguments, string? account, MediaLimits limits, CancellationToken cancellationToken)
    {
        using var place = await _places.TakeAsync(account, cancellationToken);
        return await StartAsync(program, arguments, limits, cancellationToken);
    }

    private async Task<MediaProcessResult> StartAsync(
        string program, IReadOnlyList<string> arguments, MediaLimits limits, CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = Limited(program, arguments, limits) };
        // The machine's own time: a program runs in it, whatever clock the server is given.
        using var limit = new CancellationTokenSource(limits.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            throw new ProgramMissingException("A POSIX shell is needed to run media processes under limits.", exception);
        }

        try
        {
            var output = ReadAsync(process.StandardOutput, limits.MaxOutput, both.Token);
            var errors = ReadAsync(process.StandardError, null, both.Token);
            if (limits.MaxOutput is { } most && (await output).Length == most)
            {
                return new MediaProcessResult(false, "", "output limit") { IsCut = true };
            }

            await process.WaitForExitAsync(both.Token);
            if (process.ExitCode == 127 && program != options.Ffmpeg && program != options.Ffprobe)
            {
                return new MediaProcessResult(false, "", "not installed") { IsMissing = true };
            }

            if (process.ExitCode == 127)
            {
                throw new ProgramMissingException(
                    $"'{program}' was not found; install ffmpeg or set Zoetrope:Artifacts:Ffmpeg and Ffprobe.");
            }

            return new MediaProcessResult(process.ExitCode == 0, await output, await errors) { IsKilled = process.ExitCode > 128 };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new MediaProcessResult(false, "", "time limit") { IsLate = true };
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
    private static ProcessStartInfo Limited(string program, IReadOnlyList<string> arguments, MediaLimits limits)
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
            nice="$4"; shift 4
            exec nice -n "$nice" "$@" < /dev/null
            """);
        start.ArgumentList.Add("media");
        start.ArgumentList.Add((limits.Megabytes * 1024L).ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add(limits.ProcessorSeconds.ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add("131072"); // blocks of 512 bytes: nothing these programs write for us exceeds 64 MiB
        start.ArgumentList.Add(limits.Niceness.ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add(program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    // Without a limit it keeps reading past the cap, so that a chatty process does not block on a full pipe.
    private static async Task<string> ReadAsync(StreamReader reader, int? most, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        while (text.Length != most && await reader.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            text.Append(buffer, 0, Math.Min(read, (most ?? MaxOutput) - text.Length));
        }

        return text.ToString();
    }
}
