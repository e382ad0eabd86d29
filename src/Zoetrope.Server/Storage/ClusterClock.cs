namespace Zoetrope.Server.Storage;

/// <summary>Looks at the database's clock every half minute, and at once when this machine's two clocks part.</summary>
internal sealed partial class ClusterClock(ClusterTime time, Database database, ILogger<ClusterClock> logger) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var looked = time.GetTimestamp();
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (!time.IsDoubtful && time.GetElapsedTime(looked) < Between)
                {
                    continue;
                }

                try
                {
                    var before = time.GetUtcNow() - TimeProvider.System.GetUtcNow();
                    await time.LookAsync(database);
                    looked = time.GetTimestamp();
                    if ((time.GetUtcNow() - TimeProvider.System.GetUtcNow() - before).Duration() > Tick)
                    {
                        LogMoved(time.MachineIsAhead);
                    }
                }
                catch (Exception exception) when (database.MayPass(exception))
                {
                    // The monotonic clock carries on, for hours if need be.
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    [LoggerMessage(LogLevel.Warning,
        "This machine's clock was set, or the machine slept: it is {Ahead} ahead of the database's clock. "
        + "Zoetrope goes by the database's; have the machine's clock kept by NTP")]
    private partial void LogMoved(TimeSpan ahead);
}
