using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Finding;

/// <summary>
/// Keeps the index of prompts behind the tasks, on one node: a submit does not know of it. How far an account is indexed changes in the
/// transaction of its rows; what came after that is read from the tasks themselves, so a search misses nothing.
/// </summary>
internal sealed partial class PromptIndex(Database database, Duties duties, TimeProvider time, ILogger<PromptIndex> logger) : BackgroundService
{
    private const string Duty = "prompts";
    private const int Page = 500;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    // Older than any transaction that could still commit a task with an older id.
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        try
        {
            do
            {
                await LookAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Indexes what has settled since the last time.</summary>
    public async Task CatchUpAsync(CancellationToken stoppingToken)
    {
        var end = Ids.First(Ids.Generation, time.GetUtcNow() - Settled);
        while (await database.ReadAsync(session => PromptStore.BehindAsync(session, end)) is { Count: > 0 } accounts)
        {
            foreach (var account in accounts)
            {
                while (await database.InTransactionAsync(tx => PromptStore.AddAsync(tx, account, end, Page)) == Page)
                {
                    stoppingToken.ThrowIfCancellationRequested();
                }
            }
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (await duties.HasAsync(Duty))
            {
                await CatchUpAsync(stoppingToken);
            }
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(LogLevel.Error, "Prompts could not be indexed; trying again. Until then searches read the tasks themselves")]
    private partial void LogFailed(Exception exception);
}
