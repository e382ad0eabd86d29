using Zoetrope.Server.Ledger;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Reconciling;

/// <summary>
/// Holds vendors' lists of jobs against our attempts, each key's every <see cref="GenerationOptions.ReconcileMinutes"/>, by one node
/// at a time. Younger jobs are left out: their outcomes may still be looked for. What differs becomes a case.
/// </summary>
internal sealed partial class Reconciliation(
    Database database, ProviderRegistry providers, GenerationOptions options, TimeProvider time, ILogger<Reconciliation> logger)
    : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(15);

    /// <summary>A vendor's clock is not ours, and a job begins after its attempt was written down.</summary>
    private static readonly TimeSpan Around = TimeSpan.FromMinutes(10);

    private readonly CreditLedger _ledger = new(time);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await RunAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Compares every key that is due.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var provider in providers.Names)
        {
            if (providers.Get(provider) is not IJobLister lister)
            {
                continue;
            }

            foreach (var key in providers.Gate(provider).Keys)
            {
                try
                {
                    await CompareAsync(provider, lister, key, cancellationToken);
                }
                catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
                {
                    LogFailed(exception, provider, key.Id);
                }
            }
        }
    }

    private async Task CompareAsync(string provider, IJobLister lister, ProviderKey key, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var claimed = await database.InTransactionAsync(
            tx => CaseStore.ClaimAsync(tx, provider, key.Id, now, every: options.Reconcile, Lease));
        if (claimed is not { } from)
        {
            return;
        }

        JobList theirs;
        try
        {
            theirs = await lister.ListJobsAsync(key, from - Around, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            await database.InTransactionAsync(tx => CaseStore.DoneAsync(tx, provider, key.Id, from, exception.Message));
            LogNotListed(provider, key.Id, exception.Message);
            return;
        }

        // Read after the list: whatever is in it has an attempt by now.
        var ours = await database.ReadAsync(session => CaseStore.AttemptsAsync(session, provider, key.Id, from - Around));
        var to = ours.Where(static attempt => attempt.IsOpen).Select(static attempt => attempt.At - Around)
            .Append(now - options.Reconcile).Min();
        if (to <= from)
        {
            to = from;
        }

        var found = JobComparison.Of(theirs.Jobs, theirs.IsComplete, ours, lister.Lists, from, to).ToList();
        var opened = await database.InTransactionAsync(async tx =>
        {
            var count = 0;
            foreach (var difference in found)
            {
                count += await CaseStore.OpenAsync(tx, _ledger, provider, key.Id, difference, now) ? 1 : 0;
            }

            await CaseStore.DoneAsync(tx, provider, key.Id, to, error: null);
            return count;
        });
        if (opened > 0)
        {
            LogOpened(opened, provider, key.Id);
        }
    }

    [LoggerMessage(LogLevel.Error, "{Count} jobs of {Provider} with key {Key} are not as we wrote them down; `cases list` shows them")]
    private partial void LogOpened(int count, string provider, string key);

    [LoggerMessage(LogLevel.Warning, "{Provider} does not list the jobs of key {Key} ({Reason}); it is asked again")]
    private partial void LogNotListed(string provider, string key, string reason);

    [LoggerMessage(LogLevel.Error, "The jobs of {Provider} with key {Key} could not be compared; trying again")]
    private partial void LogFailed(Exception exception, string provider, string key);
}
