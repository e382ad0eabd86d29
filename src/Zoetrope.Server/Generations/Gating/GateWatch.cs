using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Gating;

/// <summary>
/// Lets this node know within a second what any node has learned of a provider, and what an operator says of it.
/// </summary>
internal sealed partial class GateWatch(GateBooks gates, Database database, TimeProvider time, ILogger<GateWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Between, time);
        try
        {
            do
            {
                try
                {
                    await gates.RefreshAllAsync();
                }
                catch (Exception exception) when (database.MayPass(exception))
                {
                    LogFailed(exception);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    [LoggerMessage(LogLevel.Debug, "The gates of the providers could not be read; they are read again in a second")]
    private partial void LogFailed(Exception exception);
}
