using System.Collections.Concurrent;
using System.Globalization;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Feeds;

/// <summary>
/// How long runs take, as measured: each success is counted in memory, the counts go to the database every few seconds, and
/// what other nodes counted is read back. None of this is on the path of a submit or of a task's end.
/// </summary>
internal sealed partial class RunTimes(Database database, TimeProvider time, ILogger<RunTimes> logger) : BackgroundService
{
    /// <summary>Fewer measured runs than this say nothing.</summary>
    public const long FewestRuns = 5;

    private static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(5);

    // Only another node's counts come this way.
    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private volatile ConcurrentDictionary<(string Model, string Variant), RunTimeHistory> _known = new();
    private Dictionary<(string Model, string Variant, long Class), long> _unwritten = [];

    /// <summary>What the length of a run depends on besides its model: who makes it, how long a clip, how many pixels.</summary>
    public static string VariantOf(Generation generation)
    {
        var output = GenerationJson.Output(generation);
        var pixels = Math.Round(Math.Log2(Math.Max(1, (double)output.Width * output.Height)));
        return string.Create(CultureInfo.InvariantCulture, $"{generation.Provider}/{Math.Round(output.DurationSeconds)}s/2^{pixels}");
    }

    /// <summary>Counts a success.</summary>
    public void Record(Generation ended)
    {
        if (ended is not { Status: GenerationStatus.Succeeded, StartedAt: { } started, FinishedAt: { } finished })
        {
            return;
        }

        var variant = VariantOf(ended);
        var durationClass = RunTimeHistory.ClassOf(finished - started);
        lock (_gate)
        {
            var key = (ended.Model, variant, durationClass);
            _unwritten[key] = _unwritten.GetValueOrDefault(key) + 1;
            Count(_known, ended.Model, variant, durationClass, 1);
        }
    }

    /// <summary>
    /// The runs of this kind, or of all kinds of the model at this provider if there are too few; null if those are too few
    /// as well.
    /// </summary>
    public RunTimeHistory? Find(string model, string variant)
    {
        if (_known.TryGetValue((model, variant), out var own) && own.Runs >= FewestRuns)
        {
            return own;
        }

        return _known.TryGetValue((model, ProviderOf(variant)), out var all) && all.Runs >= FewestRuns ? all : null;
    }

    /// <summary>Writes what was counted and reads what everybody counted.</summary>
    public async Task ExchangeAsync(bool read)
    {
        Dictionary<(string Model, string Variant, long Class), long> counted;
        lock (_gate)
        {
            counted = _unwritten;
            _unwritten = [];
        }

        if (counted.Count > 0)
        {
            List<RunTimeRow> rows =
                [.. counted.Select(count => new RunTimeRow(count.Key.Model, count.Key.Variant, count.Key.Class, count.Value))];
            await database.InTransactionAsync(tx => RunTimeStore.AddAsync(tx, rows));
        }

        if (read)
        {
            Learn(await database.ReadAsync(RunTimeStore.AllAsync));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(WriteEvery, time);
        var nextRead = time.GetUtcNow();
        try
        {
            do
            {
                var read = time.GetUtcNow() >= nextRead;
                nextRead = read ? time.GetUtcNow() + ReadEvery : nextRead;
                await ExchangeQuietlyAsync(read);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await ExchangeQuietlyAsync(read: false);
        }
    }

    private async Task ExchangeQuietlyAsync(bool read)
    {
        try
        {
            await ExchangeAsync(read);
        }
        catch (Exception exception)
        {
            // A few counts are lost; estimates do not need them all.
            LogNotExchanged(exception);
        }
    }

    private void Learn(List<RunTimeRow> rows)
    {
        var known = new ConcurrentDictionary<(string Model, string Variant), RunTimeHistory>();
        foreach (var row in rows)
        {
            Count(known, row.Model, row.Variant, row.Class, row.Runs);
        }

        lock (_gate)
        {
            foreach (var ((model, variant, durationClass), runs) in _unwritten)
            {
                Count(known, model, variant, durationClass, runs);
            }

            _known = known;
        }
    }

    private static void Count(
        ConcurrentDictionary<(string Model, string Variant), RunTimeHistory> known,
        string model,
        string variant,
        long durationClass,
        long runs)
    {
        foreach (var kind in (string[])[variant, ProviderOf(variant)])
        {
            known[(model, kind)] = known.GetValueOrDefault((model, kind), RunTimeHistory.Empty).With(durationClass, runs);
        }
    }

    private static string ProviderOf(string variant) => variant[..variant.IndexOf('/', StringComparison.Ordinal)];

    [LoggerMessage(LogLevel.Warning, "The measured run times could not be synchronised with the database")]
    private partial void LogNotExchanged(Exception exception);
}
