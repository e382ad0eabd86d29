namespace Zoetrope.Server.Generations.Feeds;

/// <summary>One who waits for a change of one generation in this process; <see cref="GenerationSignals"/> wakes it.</summary>
internal sealed class ChangeWatch(GenerationSignals signals, string key) : IDisposable
{
    private TaskCompletionSource _next = NewSource();

    public string Key => key;

    /// <summary>Completes at the next change; take it before the read that it guards.</summary>
    public Task Next() => Volatile.Read(ref _next).Task;

    public void Tell() => Interlocked.Exchange(ref _next, NewSource()).TrySetResult();

    public void Dispose() => signals.Forget(this);

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
