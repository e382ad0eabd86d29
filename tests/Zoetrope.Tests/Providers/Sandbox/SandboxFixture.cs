using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Zoetrope.Server;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Stores;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Sandbox;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Sandbox;

/// <summary>The sandbox provider over a throw-away directory; a new one over the same directory is a restart.</summary>
internal sealed class SandboxFixture : IAsyncDisposable
{
    private readonly System.Threading.Channels.Channel<string> _changed = System.Threading.Channels.Channel.CreateUnbounded<string>();
    private readonly Database _database;
    private bool _disposed;

    private SandboxFixture(string directory, Database database, TimeProvider clock, StoredFiles? stored, GenerationOwner owner, bool draws)
    {
        (Directory, _database) = (directory, database);
        Options = new SandboxOptions { RenderSlots = 1 };
        var callbacks = new ProviderCallbacks();
        callbacks.Listen(id => _changed.Writer.TryWrite(id));
        var jobs = new SandboxJobs(database, owner, clock);
        Files = new SandboxFiles(stored ?? new StoredFiles([new FileArtifactStore(directory)], blobs: null, clock), directory, jobs);
        Renderers = new SandboxRenderers(
            new SandboxRender(jobs, Files, callbacks, clock, NullLogger<SandboxRender>.Instance), jobs, Options, clock, NullLogger<SandboxRenderers>.Instance);
        Adapter = new SandboxAdapter(new Lazy<SandboxVendor>(new SandboxVendor(jobs, Files, Renderers)), callbacks, clock);
        Draws = draws;
    }

    public string Directory { get; }

    public SandboxAdapter Adapter { get; }

    public SandboxFiles Files { get; }

    public SandboxRenderers Renderers { get; }

    public SandboxOptions Options { get; }

    public int Callbacks => _changed.Reader.Count;

    /// <summary>The ids of the jobs that it has.</summary>
    public async Task<List<string>> AcceptedAsync() =>
        await _database.ReadAsync(async session => await session.QueryAsync<string>("select attempt_id from sandbox_jobs"));

    private bool Draws { get; }

    private bool OwnsDatabase { get; init; }

    /// <param name="directory">Of an earlier fixture; null makes a new one.</param>
    /// <param name="time">The clock; null is the machine's.</param>
    public static async Task<SandboxFixture> OpenAsync(string? directory = null, FakeTimeProvider? time = null)
    {
        directory ??= System.IO.Directory.CreateTempSubdirectory("sandbox-").FullName;
        var path = StorageFeature.SqlitePath(directory);
        await TestSqlite.CreateAsync(path);
        var database = new SqliteDatabase(path, NullLogger<SqliteDatabase>.Instance);
        return await new SandboxFixture(directory, database, (TimeProvider?)time ?? TimeProvider.System, null, GenerationOwner.Nobody, draws: true) { OwnsDatabase = true }.StartAsync();
    }

    /// <summary>One of several nodes of a database.</summary>
    /// <param name="database">Theirs; it stays open.</param>
    /// <param name="stored">Their files; null where each has only its own.</param>
    /// <param name="name">The node's.</param>
    /// <param name="time">The clock; null is the machine's.</param>
    /// <param name="draws">Whether it is a worker.</param>
    public static Task<SandboxFixture> NodeAsync(
        Database database, StoredFiles? stored, string name, TimeProvider? time = null, bool draws = true) => new SandboxFixture(
        System.IO.Directory.CreateTempSubdirectory("sandbox-").FullName, database, time ?? TimeProvider.System, stored, new GenerationOwner(name, "c"), draws).StartAsync();

    private async Task<SandboxFixture> StartAsync()
    {
        if (Draws)
        {
            await Renderers.StartAsync(default);
        }

        return this;
    }

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

    /// <summary>Waits until the job is drawn, whenever its prompt lets it be reported.</summary>
    public Task RenderedAsync(ProviderRequest request) => Until.SeesAsync(
        async () => await _database.ReadAsync(async session =>
            await session.ScalarAsync<string>("select state from sandbox_jobs where attempt_id = @id", new { id = request.AttemptId })),
        state => state is SandboxStates.Done);

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

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (Draws)
        {
            await Renderers.StopAsync(default);
        }

        Renderers.Dispose();
        if (OwnsDatabase)
        {
            await _database.DisposeAsync();
        }
    }
}
