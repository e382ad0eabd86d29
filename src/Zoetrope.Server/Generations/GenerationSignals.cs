using System.Collections.Concurrent;

namespace Zoetrope.Server.Generations;

/// <summary>
/// Hints inside this process that something is worth looking at: a provider has queued work, a generation has changed.
/// They make things quick and nothing correct: a lost hint is found by the schedulers' ticks and by the waiters' own re-read.
/// </summary>
internal sealed class GenerationSignals
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _changes = new(StringComparer.Ordinal);
    private Action<string> _workQueued = static _ => { };

    /// <summary>Sets who is told that a provider has queued work; must return at once.</summary>
    public void OnQueued(Action<string> listener) => Volatile.Write(ref _workQueued, listener);

    public void Queued(string provider) => Volatile.Read(ref _workQueued)(provider);

    public void Queued(IReadOnlyList<PendingSubmit> submits)
    {
        string? told = null;
        foreach (var submit in submits)
        {
            var provider = submit.Request.Route.Provider;
            if (submit.Result.Problem is null && provider != told)
            {
                told = provider;
                Queued(provider);
            }
        }
    }

    /// <summary>Wakes everybody who waits for this generation.</summary>
    public void Changed(string generationId)
    {
        if (_changes.TryRemove(generationId, out var waiting))
        {
            waiting.TrySetResult();
        }
    }

    /// <summary>Completes at the next change; take it before the read that it guards.</summary>
    public Task NextChange(string generationId) =>
        _changes.GetOrAdd(generationId, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Gives the slot of an ended wait back.</summary>
    public void Forget(string generationId) => _changes.TryRemove(generationId, out _);
}
