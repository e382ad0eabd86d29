namespace Zoetrope.Server;

/// <summary>
/// How this server stops. From <see cref="BeginAsync"/> on it begins nothing that costs; what is in the air lands and is written
/// down; then <see cref="Closing"/> ends the rest. docs/04-operations.md says what customers see of it.
/// </summary>
internal sealed class ServerStop(IHostApplicationLifetime lifetime)
{
    private readonly TaskCompletionSource _landed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private int _inTheAir;
    private bool _begun;

    /// <summary>Nothing that costs begins from now on.</summary>
    public bool HasBegun => Volatile.Read(ref _begun) || Closing.IsCancellationRequested;

    /// <summary>Whoever waits for something is answered as things are.</summary>
    public CancellationToken Closing => lifetime.ApplicationStopping;

    /// <summary>What the stop waits for.</summary>
    public int InTheAir
    {
        get
        {
            lock (_lock)
            {
                return _inTheAir;
            }
        }
    }

    /// <summary>
    /// Keeps the stop waiting until it is disposed. Whoever takes it before they look at <see cref="HasBegun"/> is waited for, or
    /// sees that the stop has begun.
    /// </summary>
    public Flight Hold()
    {
        lock (_lock)
        {
            _inTheAir++;
        }

        return new Flight(this);
    }

    /// <summary>Begins the stop; completes when nothing is in the air.</summary>
    public Task BeginAsync()
    {
        lock (_lock)
        {
            _begun = true;
            if (_inTheAir == 0)
            {
                _landed.TrySetResult();
            }
        }

        return _landed.Task;
    }

    private void Land()
    {
        lock (_lock)
        {
            if (--_inTheAir == 0 && _begun)
            {
                _landed.TrySetResult();
            }
        }
    }

    /// <summary>Something that a stop waits for; the default is nothing.</summary>
    internal readonly struct Flight(ServerStop? stop) : IDisposable
    {
        public void Dispose() => stop?.Land();
    }
}
