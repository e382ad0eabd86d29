namespace Zoetrope.Server.Artifacts;

/// <summary>
/// Removes what has expired and what nobody names, a limited number at a time. Bytes go only when no row shows them and they
/// have not been touched for the grace time, so a result stored a moment ago by a transaction still open is safe.
/// </summary>
internal sealed partial class ArtifactRetention(
    ArtifactRecords records, IArtifactStore store, ArtifactOptions options, TimeProvider time, ILogger<ArtifactRetention> logger)
    : BackgroundService
{
    private const int AtOnce = 200;
    private const int OrphansPerSweep = 2000;

    private readonly TemporaryFiles _temporary = new(options);
    private ArtifactKey? _after;

    /// <summary>One sweep; returns how many files were deleted.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var oldest = time.GetUtcNow() - options.OrphanGrace;
        var deleted = 0;
        List<ArtifactKey> expired;
        do
        {
            expired = await records.ExpireAsync(AtOnce);
            foreach (var key in expired)
            {
                deleted += await RemoveAsync(key, oldest, cancellationToken) ? 1 : 0;
            }
        }
        while (expired.Count > 0 && !cancellationToken.IsCancellationRequested);

        deleted += await SweepOrphansAsync(oldest, cancellationToken);
        _temporary.DeleteOlderThan(oldest);
        return deleted;
    }

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

    // A failed sweep must not end the loop: the next one starts where this one stopped.
    private async Task SweepSafelyAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await SweepAsync(cancellationToken) is var deleted and > 0)
            {
                LogSwept(deleted);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailed(exception);
        }
    }

    // Each sweep continues after the last one's place, so a large store is walked over many sweeps.
    private async Task<int> SweepOrphansAsync(DateTimeOffset oldest, CancellationToken cancellationToken)
    {
        var deleted = 0;
        var seen = 0;
        await foreach (var stored in store.ListAsync(_after, cancellationToken))
        {
            _after = stored.Key;
            if (stored.TouchedAt <= oldest && await RemoveAsync(stored.Key, oldest, cancellationToken))
            {
                deleted++;
            }

            if (++seen == OrphansPerSweep)
            {
                return deleted;
            }
        }

        _after = null;
        return deleted;
    }

    private async Task<bool> RemoveAsync(ArtifactKey key, DateTimeOffset oldest, CancellationToken cancellationToken) =>
        !await records.IsReferencedAsync(key.Sha256) && await store.DeleteAsync(key, oldest, cancellationToken);

    [LoggerMessage(LogLevel.Information, "Deleted {Count} expired or orphaned files")]
    private partial void LogSwept(int count);

    [LoggerMessage(LogLevel.Error, "The retention sweep failed and will run again")]
    private partial void LogFailed(Exception exception);
}
