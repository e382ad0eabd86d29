using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>Forgets idempotency keys whose time is over.</summary>
internal sealed partial class KeyPruning(Database database, GenerationOptions options, TimeProvider time, ILogger<KeyPruning> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                try
                {
                    var before = (time.GetUtcNow() - TimeSpan.FromHours(options.IdempotencyHours)).ToUnixTimeMilliseconds();
                    await database.InTransactionAsync(tx => IdempotencyKeys.PruneAsync(tx, before));
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    LogPruneFailed(exception);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
        }
    }

    [LoggerMessage(LogLevel.Error, "Old idempotency keys could not be deleted; the next round tries again")]
    private partial void LogPruneFailed(Exception exception);
}
