using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Gating;

/// <summary>
/// Lets this node know within two seconds what any node has learned of a provider, and within one while some provider fails.
/// </summary>
internal sealed partial class GateWatch(GateBooks gates, Database database, TimeProvider time, ILogger<GateWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Between, time);
        try
        {
            for (var tick = 0; ; tick++)
            {
                try
                {
                    if (tick % 2 == 0 || gates.IsUneasy)
                    {
                        await gates.RefreshAllAsync();
                    }
                }
                catch (Exception exception) when (database.MayPass(exception))
                {
                    LogFailed(exception);
                }

                await timer.WaitForNextTickAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    [LoggerMessage(LogLevel.Debug, "The gates of the providers could not be read; they are read again in a second")]
    private partial void LogFailed(Exception exception);
}
