using System.Globalization;
using Zoetrope.Server.Generations.Feeds;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Gating;

/// <summary>
/// What providers answered in the last day, by the minute: each node counts in memory what it heard and adds it to the database every
/// few seconds. None of this is on the path of a submit.
/// </summary>
internal sealed partial class ProviderHistory(Database database, TimeProvider time, ILogger<ProviderHistory> logger) : BackgroundService
{
    /// <summary>How far back it goes.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromHours(24);

    private static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(5);

    // A day of counts that the database would not take is no reason to run out of memory.
    private const int MostUnwritten = 50_000;

    private readonly Lock _gate = new();
    private Dictionary<(string Provider, long Minute, string Kind), long> _unwritten = [];

    public long Now => time.GetUtcNow().ToUnixTimeSeconds() / 60;

    /// <summary>Counts what a step of a task says of its provider; most say nothing.</summary>
    public void Count(Generation before, GenerationEvent happened, Generation after)
    {
        switch (happened)
        {
            case GenerationEvent.Accepted:
                Add(before.Provider, ProviderCounts.Taken);
                break;
            case GenerationEvent.Refused refused when before.AttemptId is not null:
                Add(before.Provider, ProviderCounts.Failed + refused.Error.Word);
                break;
            case GenerationEvent.ProviderFailed failed:
                Add(before.Provider, ProviderCounts.Failed + failed.Error.Word);
                break;
            case GenerationEvent.OutcomeLost:
                Add(before.Provider, ProviderCounts.Failed + "unknown_outcome");
                break;
            case GenerationEvent.OutputRejected:
                Add(before.Provider, ProviderCounts.Failed + "bad_output");
                break;
            case GenerationEvent.DeadlineStopped or GenerationEvent.DeadlineAbandoned when before.AttemptId is not null:
                Add(before.Provider, ProviderCounts.Failed + "expired");
                break;
            case GenerationEvent.Ingested when after is { StartedAt: { } started, FinishedAt: { } finished }:
                var took = RunTimeHistory.ClassOf(finished - started);
                Add(before.Provider, string.Create(CultureInfo.InvariantCulture, $"{ProviderCounts.Made}{took}"));
                break;
        }
    }

    /// <summary>The minutes of a provider that had something, oldest first, from this minute on.</summary>
    public async Task<List<ProviderCounts>> MinutesAsync(string provider, long from)
    {
        await WriteAsync();
        var rows = await database.ReadAsync(session => ProviderMinutes.ListAsync(session, provider, from));
        return [.. rows.GroupBy(row => row.Minute).Select(minute => ProviderCounts.Of(minute.Key, minute))];
    }

    /// <summary>The sums of all providers from this minute on.</summary>
    public async Task<Dictionary<string, ProviderCounts>> SumsAsync(long from)
    {
        await WriteAsync();
        var rows = await database.ReadAsync(session => ProviderMinutes.SumAsync(session, from));
        return rows.GroupBy(row => row.Provider).ToDictionary(
            provider => provider.Key, provider => ProviderCounts.Of(from, provider), StringComparer.Ordinal);
    }

    /// <summary>Adds what was counted here to what all nodes counted.</summary>
    public async Task WriteAsync()
    {
        Dictionary<(string Provider, long Minute, string Kind), long> counted;
        lock (_gate)
        {
            if (_unwritten.Count == 0)
            {
                return;
            }

            (counted, _unwritten) = (_unwritten, []);
        }

        try
        {
            await database.InTransactionAsync(tx => ProviderMinutes.AddAsync(
                tx, [.. counted.Select(count => new ProviderMinute
                {
                    Provider = count.Key.Provider,
                    Minute = count.Key.Minute,
                    Kind = count.Key.Kind,
                    Number = count.Value,
                })]));
        }
        catch
        {
            lock (_gate)
            {
                foreach (var (key, number) in counted)
                {
                    Add(key, number);
                }
            }

            throw;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(WriteEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await WriteQuietlyAsync();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await WriteQuietlyAsync();
        }
    }

    private async Task WriteQuietlyAsync()
    {
        try
        {
            await WriteAsync();
        }
        catch (Exception exception)
        {
            LogNotWritten(exception);
        }
    }

    private void Add(string provider, string kind)
    {
        lock (_gate)
        {
            Add((provider, Now, kind), 1);
        }
    }

    private void Add((string Provider, long Minute, string Kind) key, long number)
    {
        if (_unwritten.Count < MostUnwritten || _unwritten.ContainsKey(key))
        {
            _unwritten[key] = _unwritten.GetValueOrDefault(key) + number;
        }
    }

    [LoggerMessage(LogLevel.Warning, "What providers answered could not be added to their history; it is tried again in a few seconds")]
    private partial void LogNotWritten(Exception exception);
}
