using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Zoetrope.Server;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Sandbox;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Sandbox;

/// <summary>The sandbox provider over a throw-away directory; a new one over the same directory is a restart.</summary>
internal sealed class SandboxFixture : IDisposable
{
    private readonly SandboxRenderQueue _queue;
    private readonly System.Threading.Channels.Channel<string> _changed = System.Threading.Channels.Channel.CreateUnbounded<string>();

    public SandboxFixture(string? directory = null, FakeTimeProvider? time = null)
    {
        Directory = directory ?? System.IO.Directory.CreateTempSubdirectory("sandbox-").FullName;
        TimeProvider clock = time ?? TimeProvider.System;
        var options = new SandboxOptions { RenderSlots = 1 };
        var callbacks = new ProviderCallbacks();
        callbacks.Listen(id => _changed.Writer.TryWrite(id));
        _queue = new SandboxRenderQueue(options, clock);
        Adapter = new SandboxAdapter(new SandboxJobs(Directory, clock, options), _queue, callbacks, clock,
            NullLogger<SandboxAdapter>.Instance);
    }

    public string Directory { get; }

    public SandboxAdapter Adapter { get; }

    public SandboxRenderQueue Queue => _queue;

    public int Callbacks => _changed.Reader.Count;

    public string[] Accepted => File.ReadAllLines(Path.Combine(Directory, "sandbox", "accepted.log"));

    public static ProviderRequest Image(string prompt, int width = 96, int height = 64, string format = "png") => Request(prompt, "text-to-image",
        new OutputSpec { Media = MediaType.Image, Format = format, Width = width, Height = height });

    public static ProviderRequest Video(string prompt, int width = 128, int height = 72, int fps = 12, double seconds = 1, bool audio = true) => Request(prompt, "text-to-video",
        new OutputSpec { Media = MediaType.Video, Format = "mp4", Width = width, Height = height, FramesPerSecond = fps, DurationSeconds = seconds, Audio = audio });

    public static ProviderRequest Request(string prompt, string mode, OutputSpec output, params ProviderInput[] inputs) => new()
    {
        AttemptId = Ids.New(Ids.Attempt, TimeProvider.System),
        Route = RouteSpec.InOurWords("sandbox", "sandbox"),
        Model = "m",
        Mode = mode,
        Prompt = prompt,
        Parameters = JsonDocument.Parse("{}").RootElement,
        Inputs = inputs,
        Output = output,
        IntendedAt = TimeProvider.System.GetUtcNow(),
    };

    /// <summary>Waits for the callback that says the job ended.</summary>
    public Task<PollResult> EndAsync(ProviderRequest request)
    {
        var asked = false;
        return Until.SeesAsync(
            async () =>
            {
                // After the first look only a callback is a reason for another.
                if (asked)
                {
                    await _changed.Reader.ReadAsync();
                }

                asked = true;
                return await Adapter.PollAsync(request, "sandbox-" + request.AttemptId, default);
            },
            result => result is not PollResult.Running);
    }

    public async Task<string> MakeAsync(ProviderRequest request)
    {
        await Adapter.SubmitAsync(request, default);
        var end = await EndAsync(request);
        return end is PollResult.Succeeded made ? made.Outputs[0].Path! : throw new InvalidOperationException(end.ToString());
    }

    public static async Task<JsonElement> ProbeAsync(string path)
    {
        var start = new ProcessStartInfo("ffprobe") { RedirectStandardOutput = true };
        foreach (var argument in new[] { "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json", path })
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var json = await process.StandardOutput.ReadToEndAsync();
        return JsonDocument.Parse(json).RootElement;
    }

    public void Dispose() => _queue.Dispose();
}
