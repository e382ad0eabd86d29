namespace Zoetrope.Tests.Fixtures.Simulation;

/// <summary>The clock of one node: that of the simulation, with timers that end with the node and stand still with it.</summary>
internal sealed class SimTime(SimNode node) : TimeProvider
{
    // What a killed node waited for stays as it is to the end of the seed: the collector would end it on a thread of its own.
    private readonly List<Timer> _timers = [];

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => node.World.Loop.Now;

    public override long GetTimestamp() => node.World.Loop.Elapsed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(node, callback, state);
        _timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(SimNode node, TimerCallback callback, object? state) : ITimer
    {
        // An older ring of a timer that was changed meanwhile is none.
        private int _setting;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _setting++;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                Ring(_setting, dueTime, period);
            }

            return true;
        }

        public void Dispose() => _setting++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Ring(int setting, TimeSpan after, TimeSpan period) => node.At(after, () =>
        {
            if (setting != _setting)
            {
                return;
            }

            if (period > TimeSpan.Zero)
            {
                Ring(setting, period, period);
            }

            callback(state);
        });
    }
}
