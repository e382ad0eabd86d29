using Zoetrope.Workers;

namespace Zoetrope.Server.Providers.Sandbox;

/// <summary>Draws one job that is this node's, and writes down how it ended.</summary>
internal sealed partial class SandboxRender(
    SandboxJobs jobs, SandboxFiles files, ProviderCallbacks callbacks, TimeProvider time, ILogger<SandboxRender> logger)
{
    private const int MaxDeaths = 3;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Before the first.</summary>
    public void Prepare() => files.ClearWork();

    /// <param name="job">The job.</param>
    /// <param name="worker">A process that is free.</param>
    /// <param name="running">What others may know of it, and how they stop it.</param>
    public async Task RunAsync(SandboxJob job, RenderProcess worker, RunningRender running)
    {
        var directory = files.NewWork();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(running.Stop.Token);
        var beating = jobs.IsAlone ? Task.CompletedTask : BeatAsync(job.AttemptId, running, over.Token);
        try
        {
            var (report, path) = await DrawAsync(job, worker, running, directory);
            await EndAsync(job, report, path, running.Stop.Token);
        }
        catch (OperationCanceledException) when (running.Stop.IsCancellationRequested)
        {
        }
        finally
        {
            await over.CancelAsync();
            await beating;
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task<(RenderReport Report, string Path)> DrawAsync(
        SandboxJob job, RenderProcess worker, RunningRender running, string directory)
    {
        RenderReport? report = null;
        var path = "";
        try
        {
            if (await files.LocateAsync(job.Job!, directory, running.Stop.Token) is not { } located)
            {
                return (new RenderReport(job.AttemptId, 0, Error: "An input file is no longer stored.", Input: true), path);
            }

            path = located.Path;
            var magic = (Magic)job.Magic;
            if (magic.HasFlag(Magic.BadMedia))
            {
                await File.WriteAllTextAsync(path, "<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>", running.Stop.Token);
                return (new RenderReport(job.AttemptId, 100, Done: true), path);
            }

            for (var deaths = 0; report is null && deaths < MaxDeaths; deaths++)
            {
                report = await worker.RenderAsync(located, progress => running.Progress = Math.Clamp(progress, 0, 99), running.Stop.Token);
            }

            if (report is { Done: true } && magic.HasFlag(Magic.TruncatedMedia))
            {
                await using var file = File.OpenWrite(path);
                file.SetLength(file.Length * 3 / 5);
            }
        }
        catch (Exception exception) when (!running.Stop.IsCancellationRequested && exception is not OutOfMemoryException)
        {
            report = new RenderReport(job.AttemptId, 0, Error: "The renderer failed.", Detail: exception.ToString());
        }

        return (report ?? new RenderReport(job.AttemptId, 0, Error: "The renderer died repeatedly."), path);
    }

    // What is drawn is written down, however long the database or the bucket is away.
    private async Task EndAsync(SandboxJob job, RenderReport report, string path, CancellationToken stop)
    {
        if (report.Detail is { } detail)
        {
            LogFailed(job.AttemptId, detail);
        }

        var extension = Path.GetExtension(path).TrimStart('.');
        var sha256 = report.Done ? await AgainAsync(() => files.KeepAsync(job.AttemptId, path, extension, stop), stop) : null;
        var state = report.Done ? SandboxStates.Done : report.Input ? SandboxStates.Refused : SandboxStates.Failed;
        if (!await AgainAsync(() => jobs.EndAsync(job.AttemptId, state, report.Error, sha256, extension), stop))
        {
            if (report.Done && sha256 is null)
            {
                files.Forget(job.AttemptId, extension);
            }

            return;
        }

        _ = TellAsync(job);
    }

    private async Task TellAsync(SandboxJob job)
    {
        if (DateTimeOffset.FromUnixTimeMilliseconds(job.ReadyAt) - time.GetUtcNow() is var wait && wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time);
        }

        callbacks.JobChanged(job.AttemptId);
        if (((Magic)job.Magic).HasFlag(Magic.CallbackTwice))
        {
            callbacks.JobChanged(job.AttemptId);
        }
    }

    private async Task<T> AgainAsync<T>(Func<Task<T>> act, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                return await act();
            }
            catch (Exception exception) when (!stop.IsCancellationRequested && (exception is IOException || jobs.MayPass(exception)))
            {
                LogAgain(exception);
            }

            await Task.Delay(RetryAfter, time, stop);
        }
    }

    private async Task BeatAsync(string attemptId, RunningRender running, CancellationToken over)
    {
        using var timer = new PeriodicTimer(Heartbeat, time);
        try
        {
            while (await timer.WaitForNextTickAsync(over))
            {
                try
                {
                    if (!await jobs.RenewAsync(attemptId, running.Progress) && !over.IsCancellationRequested)
                    {
                        // Cancelled, or another node has it.
                        await running.Stop.CancelAsync();
                        return;
                    }
                }
                catch (Exception exception) when (jobs.MayPass(exception))
                {
                    // If the lease lapses meanwhile, two nodes draw the same, and one of them ends it.
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    [LoggerMessage(LogLevel.Warning, "The render of {AttemptId} failed: {Detail}")]
    private partial void LogFailed(string attemptId, string detail);

    [LoggerMessage(LogLevel.Warning, "A render could not be kept now; trying again")]
    private partial void LogAgain(Exception exception);
}

/// <summary>A job in a worker's hands.</summary>
internal sealed class RunningRender
{
    public CancellationTokenSource Stop { get; } = new();

    public Task Work { get; set; } = Task.CompletedTask;

    public int Progress { get; set; }
}
