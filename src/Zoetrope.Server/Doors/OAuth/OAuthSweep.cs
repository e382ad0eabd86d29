using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>Once an hour forgets the tokens that have expired.</summary>
internal sealed partial class OAuthSweep(
    OAuthTokens tokens, Duties duties, TimeProvider time, ILogger<OAuthSweep> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await duties.HasAsync("oauth"))
                {
                    await tokens.PruneAsync();
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // The database may be away for a while; the next hour tries again.
                LogFailed(exception);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Expired OAuth tokens could not be removed.")]
    private partial void LogFailed(Exception exception);
}
