using Zoetrope.Server.Artifacts.Stores;

namespace Zoetrope.Server.Artifacts;

/// <summary>
/// Removes what has expired and what nobody names, a limited number at a time. Bytes go only when no row shows them and they
/// have not been stored for the grace time, so a result stored a moment ago by a transaction still open is safe.
/// </summary>
internal sealed partial class ArtifactRetention(
    ArtifactSweep sweep, ArtifactOptions options, TimeProvider time, ILogger<ArtifactRetention> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.SweepInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await SweepSafelyAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    // A failed sweep must not end the loop: the next one does what this one left.
    private async Task SweepSafelyAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await sweep.RunAsync(cancellationToken) is var deleted and > 0)
            {
                LogSwept(deleted);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(LogLevel.Information, "Deleted {Count} expired or orphaned files")]
    private partial void LogSwept(int count);

    [LoggerMessage(LogLevel.Error, "The retention sweep failed and will run again")]
    private partial void LogFailed(Exception exception);
}

/// <summary>One look at everything that may have to go.</summary>
internal sealed class ArtifactSweep(
    ArtifactRecords records, StoredFiles files, StoreWalk walk, ArtifactOptions options, TimeProvider time)
{
    private const int AtOnce = 200;

    private readonly TemporaryFiles _temporary = new(options);

    /// <summary>One sweep; returns how many files were deleted.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        _temporary.DeleteOlderThan(time.GetUtcNow() - options.OrphanGrace);
        while (await records.ExpireAsync(AtOnce) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        await walk.WalkDueAsync(cancellationToken);
        var deleted = 0;
        (int Seen, int Deleted) some;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            some = await files.DeleteUnusedAsync(cancellationToken);
            deleted += some.Deleted;
        }
        while (some.Seen > 0);
        return deleted;
    }
}
