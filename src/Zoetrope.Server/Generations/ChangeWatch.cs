namespace Zoetrope.Server.Generations;

/// <summary>One listener of <see cref="GenerationSignals"/>: wakes it and keeps which generations changed since it looked.</summary>
internal sealed class ChangeWatch(GenerationSignals signals, string key) : IDisposable
{
    // They are hints: what does not fit is found in the log.
    private const int MaxKept = 256;

    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private TaskCompletionSource _next = NewSource();

    public string Key => key;

    /// <summary>Completes at the next change; take it before the read that it guards.</summary>
    public Task Next() => Volatile.Read(ref _next).Task;

    public void Tell(string generationId)
    {
        lock (_changed)
        {
            if (_changed.Count < MaxKept)
            {
                _changed.Add(generationId);
            }
        }

        Interlocked.Exchange(ref _next, NewSource()).TrySetResult();
    }

    /// <summary>The generations that changed since the last call.</summary>
    public List<string> TakeChanged()
    {
        lock (_changed)
        {
            List<string> taken = [.. _changed];
            _changed.Clear();
            return taken;
        }
    }

    public void Dispose() => signals.Forget(this);

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
