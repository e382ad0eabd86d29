namespace Zoetrope.Tests.Fixtures.Simulation;

/// <summary>
/// One thread, one clock and one order: what is to happen next, by time. Whatever the product awaits goes on here, so the same
/// seed does the same things in the same order.
/// </summary>
internal sealed class SimLoop : SynchronizationContext
{
    /// <summary>Long ago: ids that are made here must not push the ids of other tests into the future.</summary>
    private static readonly DateTimeOffset Start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const int MostAtOnce = 10_000;

    private readonly PriorityQueue<Action, (long At, long Order)> _later = new();
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private volatile string? _stray;
    private long _order;

    /// <summary>Since the beginning.</summary>
    public TimeSpan Elapsed { get; private set; }

    public DateTimeOffset Now => Start + Elapsed;

    public void At(TimeSpan after, Action action) => _later.Enqueue(action, (Elapsed.Ticks + Math.Max(0, after.Ticks), _order++));

    /// <summary>Does what comes next; false where nothing does.</summary>
    public bool Next()
    {
        if (!_later.TryDequeue(out var action, out var when))
        {
            return false;
        }

        Elapsed = TimeSpan.FromTicks(when.At);
        action();
        for (var rounds = 0; _ready.TryDequeue(out var continuation); rounds++)
        {
            continuation.Callback(continuation.State);
            if (rounds > MostAtOnce)
            {
                throw new SimFailure($"after {Elapsed.TotalSeconds} s: {continuation.State} goes round and no time passes");
            }
        }

        return _stray is null ? true : throw new InvalidOperationException($"Something left the simulation's thread, so nothing repeats:\n{_stray}");
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            _stray = Environment.StackTrace;
            return;
        }

        _ready.Enqueue((d, state));
    }

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public override SynchronizationContext CreateCopy() => this;
}
