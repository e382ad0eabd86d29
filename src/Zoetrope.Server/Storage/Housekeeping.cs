namespace Zoetrope.Server.Storage;

/// <summary>
/// Deletes old rows at the rate at which they come. Tables that have old rows take turns, one short transaction each, and
/// after each the database is left alone for as long as that transaction took. A table that fails holds up no other. Of several
/// nodes one keeps house.
/// </summary>
internal sealed partial class Housekeeping(
    IEnumerable<IRetention> retentions, Duties duties, TimeProvider time, ILogger<Housekeeping> logger) : BackgroundService
{
    private const string Duty = "housekeeping";

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    // Whether the node that keeps house is still there.
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(1);

    private readonly List<Turn> _turns = [.. retentions.Select(retention => new Turn(retention))];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        try
        {
            do
            {
                while (await TakeTurnsAsync(stoppingToken))
                {
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>One transaction for each table that is due; false once none had an old row.</summary>
    private async Task<bool> TakeTurnsAsync(CancellationToken stoppingToken)
    {
        var any = false;
        foreach (var turn in _turns.Where(turn => turn.DueAt <= time.GetUtcNow()))
        {
            stoppingToken.ThrowIfCancellationRequested();
            var began = time.GetTimestamp();
            if (await DeleteSomeAsync(turn, stoppingToken))
            {
                any = true;
                var took = time.GetElapsedTime(began);
                await Task.Delay(took < ShortestRest ? ShortestRest : took > LongestRest ? LongestRest : took, time, stoppingToken);
            }
        }

        return any;
    }

    private async Task<bool> DeleteSomeAsync(Turn turn, CancellationToken stoppingToken)
    {
        // What is "old" was decided when it looked, not when it came back.
        var looked = time.GetUtcNow();
        try
        {
            if (!turn.Retention.IsOwn && !await duties.HasAsync(Duty))
            {
                turn.DueAt = time.GetUtcNow() + LookAgain;
                return false;
            }

            if (await turn.Retention.DeleteSomeAsync() is var deleted and > 0)
            {
                turn.Deleted += deleted;
                return true;
            }

            if (turn.Deleted > 0)
            {
                LogDeleted(turn.Deleted, turn.Retention.Table);
            }

            (turn.Deleted, turn.DueAt) = (0, looked + turn.Retention.Every);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            turn.DueAt = time.GetUtcNow() + RetryAfter;
            LogFailed(exception, turn.Retention.Table, RetryAfter.TotalSeconds);
        }

        return false;
    }

    [LoggerMessage(LogLevel.Information, "Deleted {Count} rows of {Table} that were past their retention")]
    private partial void LogDeleted(long count, string table);

    [LoggerMessage(LogLevel.Error, "Old rows of {Table} could not be deleted; trying again in {Seconds} s")]
    private partial void LogFailed(Exception exception, string table, double seconds);

    private sealed class Turn(IRetention retention)
    {
        public IRetention Retention => retention;

        public DateTimeOffset DueAt { get; set; }

        /// <summary>Rows since the table last had none.</summary>
        public long Deleted { get; set; }
    }
}
