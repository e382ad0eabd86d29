using System.Collections.Concurrent;

namespace Zoetrope.Server.Providers.Sandbox;

/// <summary>
/// This node's renderers: whoever is free draws the job that has waited longest, wherever it was submitted. A job that is submitted
/// here while one is free and none waits is drawn at once.
/// </summary>
internal sealed partial class SandboxRenderers(
    SandboxRender render, SandboxJobs jobs, SandboxOptions options, TimeProvider time, ILogger<SandboxRenderers> logger)
    : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookAlone = TimeSpan.FromSeconds(5);

    private readonly RenderProcess[] _workers =
        [.. Enumerable.Range(0, Math.Max(1, options.Slots)).Select(_ => new RenderProcess(options, time))];

    private readonly ConcurrentStack<RenderProcess> _idle = new();
    private readonly ConcurrentDictionary<string, RunningRender> _running = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _ring = new(0);

    // Jobs may be waiting: until a look found none, a new one does not go before them.
    private volatile bool _isBehind = true;
    private volatile bool _isStopping;

    /// <summary>Process ids of the workers that run now, for tests.</summary>
    public IEnumerable<int> WorkerProcessIds => _workers.Select(static worker => worker.ProcessId).OfType<int>();

    /// <summary>A free worker for a job that is about to be recorded; null where it has to wait.</summary>
    public RenderProcess? Reserve() => !_isBehind && _idle.TryPop(out var worker) ? worker : null;

    /// <summary>The job was not this node's to draw after all.</summary>
    public void Release(RenderProcess worker)
    {
        _idle.Push(worker);
        Ring();
    }

    /// <summary>Draws the job, which is this node's.</summary>
    public void Start(SandboxJob job, RenderProcess worker)
    {
        // Known before it runs, so that a cancel finds it.
        var running = new RunningRender();
        _running[job.AttemptId] = running;
        running.Work = Task.Run(() => RunAsync(job, worker, running));
        if (_isStopping)
        {
            running.Stop.Cancel();
        }
    }

    /// <summary>A job waits.</summary>
    public void Ring()
    {
        _isBehind = true;
        _ring.Release();
    }

    /// <summary>Progress of a job that is drawn here.</summary>
    public int? ProgressOf(string attemptId) => _running.TryGetValue(attemptId, out var running) ? running.Progress : null;

    /// <summary>Stops the rendering of a job, if it is here.</summary>
    public void Cancel(string attemptId)
    {
        if (_running.TryGetValue(attemptId, out var running))
        {
            running.Stop.Cancel();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _isStopping = true;
        await base.StopAsync(cancellationToken);
        foreach (var running in _running.Values)
        {
            await running.Stop.CancelAsync();
        }

        await Task.WhenAll(_running.Values.Select(static running => running.Work));
        await TryAsync(jobs.GiveBackAsync);
    }

    public override void Dispose()
    {
        base.Dispose();
        Array.ForEach(_workers, static worker => worker.Dispose());
        _ring.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        render.Prepare();
        if (jobs.IsAlone)
        {
            // What an earlier run did not end.
            await TryAsync(jobs.GiveBackAsync);
        }

        _idle.PushRange(_workers);
        try
        {
            while (true)
            {
                await TryAsync(FillAsync);

                // Jobs of other nodes do not ring here.
                await _ring.WaitAsync(jobs.IsAlone ? LookAlone : Look, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task FillAsync()
    {
        while (!_isStopping && _idle.TryPop(out var worker))
        {
            SandboxJob? job = null;
            try
            {
                _isBehind = false;
                job = await jobs.TakeAsync();
            }
            finally
            {
                if (job is null)
                {
                    _idle.Push(worker);
                }
            }

            if (job is null)
            {
                return;
            }

            _isBehind = true;
            Start(job, worker);
        }
    }

    private async Task RunAsync(SandboxJob job, RenderProcess worker, RunningRender running)
    {
        try
        {
            await render.RunAsync(job, worker, running);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogFailed(exception, job.AttemptId);
        }

        _running.TryRemove(new(job.AttemptId, running));
        Release(worker);
    }

    private async Task TryAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception exception) when (jobs.MayPass(exception))
        {
            LogAway(exception);
        }
    }

    [LoggerMessage(LogLevel.Error, "The render of {AttemptId} was given up")]
    private partial void LogFailed(Exception exception, string attemptId);

    [LoggerMessage(LogLevel.Warning, "Jobs to render could not be looked for; trying again")]
    private partial void LogAway(Exception exception);
}
