using System.Collections.Concurrent;
using Zoetrope.Server.Events;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Feeds;

/// <summary>
/// A node's one reader of the event log for all who follow it: a change is read, and made into an event, once, however many
/// listen. Changes of this process wake it; what other nodes do is found by a look at all followed accounts in one question.
/// Progress is not in the log: it is read from the rows, or estimated, twice a second.
/// </summary>
internal sealed partial class FeedHub(
    Database database, GenerationSignals signals, ProgressMeter meter, TimeProvider time, ILogger<FeedHub> logger) : BackgroundService
{
    private const int Batch = 64;
    private const int AccountsInOneRead = 1_000;
    private const int MostRunning = 1_000;

    private static readonly TimeSpan ProgressEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan OtherNodesEvery = TimeSpan.FromMilliseconds(100);

    // SQLite has no other node; this is for hints that were lost.
    private static readonly TimeSpan SafetyEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, AccountFeeds> _accounts = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<AccountFeeds> _dirty = new();
    private TaskCompletionSource _woken = NewSource();
    private bool _otherNodes;

    public Database Database => database;

    public ProgressMeter Meter => meter;

    public TimeProvider Time => time;

    private TimeSpan LookEvery => database.Dialect is SqlDialect.Postgres ? OtherNodesEvery : SafetyEvery;

    /// <summary>Follows the log after a place in it; <paramref name="head"/> is the log's newest number, read just now.</summary>
    public GenerationFeed Follow(FeedTarget target, long after, long head)
    {
        var feed = new GenerationFeed(this, target, after);
        AccountFeeds feeds;
        do
        {
            feeds = _accounts.GetOrAdd(target.AccountId, static (id, head) => new AccountFeeds(id, head), head);
        }
        while (!feeds.Join(feed));

        MarkDirty(feeds);
        return feed;
    }

    public long Resume(GenerationFeed feed) => _accounts[feed.Target.AccountId].Resume(feed);

    public void Leave(GenerationFeed feed)
    {
        if (_accounts.TryGetValue(feed.Target.AccountId, out var feeds) && feeds.Leave(feed))
        {
            _accounts.TryRemove(new(feed.Target.AccountId, feeds));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        signals.OnChanged(Changed);
        var (lookedAt, progressAt) = (0L, 0L);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var (toLook, toProgress) = (LookEvery - time.GetElapsedTime(lookedAt), ProgressEvery - time.GetElapsedTime(progressAt));
                await WaitAsync(toLook < toProgress ? toLook : toProgress, stoppingToken);
                if (time.GetElapsedTime(lookedAt) >= LookEvery)
                {
                    lookedAt = time.GetTimestamp();
                    foreach (var feeds in _accounts.Values)
                    {
                        MarkDirty(feeds);
                    }
                }

                var progressIsDue = time.GetElapsedTime(progressAt) >= ProgressEvery;
                if (progressIsDue)
                {
                    // The rows before the log: whatever a row shows here, the log that is read after it explains. Read the
                    // other way round, progress could overtake the event that began the run.
                    progressAt = time.GetTimestamp();
                    await ReadRunningAsync();
                }

                await TellLogAsync();
                if (progressIsDue)
                {
                    TellProgress();
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
            }
            catch (Exception exception)
            {
                // Nothing was handed out that was not read; the next read begins where this one did.
                LogNotRead(exception);
                await Task.Delay(AfterFailure, time, stoppingToken).ContinueWith(static _ => { }, TaskScheduler.Default);
            }
        }
    }

    // With nobody who listens it sleeps until somebody does.
    private async Task WaitAsync(TimeSpan atMost, CancellationToken stoppingToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        if (_dirty.IsEmpty && (_accounts.IsEmpty || atMost > TimeSpan.Zero))
        {
            // A timer counts whole milliseconds and must not come early.
            var delay = _accounts.IsEmpty ? Timeout.InfiniteTimeSpan : atMost + TimeSpan.FromMilliseconds(1);
            await Task.WhenAny(Volatile.Read(ref _woken).Task, Task.Delay(delay, time, enough.Token));
            await enough.CancelAsync();
        }

        // What is marked from here on wakes the next wait; what was marked before is read below.
        Volatile.Write(ref _woken, NewSource());
        stoppingToken.ThrowIfCancellationRequested();
    }

    private void Changed(string accountId, string generationId)
    {
        if (_accounts.TryGetValue(accountId, out var feeds))
        {
            feeds.MarkChanged(generationId);
            MarkDirty(feeds);
        }
    }

    private void MarkDirty(AccountFeeds feeds)
    {
        if (feeds.MarkDirty())
        {
            _dirty.Enqueue(feeds);
            Volatile.Read(ref _woken).TrySetResult();
        }
    }

    private async Task ReadRunningAsync()
    {
        // What runs is driven by any node, so on PostgreSQL every other time all of it is read.
        _otherNodes = database.Dialect is SqlDialect.Postgres && !_otherNodes;
        var wanted = new List<(string AccountId, string Id)>();
        var whole = new List<AccountFeeds>();
        foreach (var feeds in _accounts.Values)
        {
            var (changed, all) = feeds.TakeChanged();
            wanted.AddRange((_otherNodes ? changed.Union(feeds.Running.Keys) : changed).Select(id => (feeds.AccountId, id)));
            if (all)
            {
                whole.Add(feeds);
            }
        }

        if (wanted.Count + whole.Count == 0)
        {
            return;
        }

        var rows = await database.ReadAsync(async session =>
        {
            var found = await GenerationStore.FindManyAsync(session, wanted);
            foreach (var feeds in whole)
            {
                found.AddRange(await GenerationStore.RunningOfAsync(session, feeds.AccountId, MostRunning));
            }

            return found;
        });
        foreach (var row in rows)
        {
            if (_accounts.TryGetValue(row.AccountId, out var feeds))
            {
                Note(feeds, row);
            }
        }
    }

    private static void Note(AccountFeeds feeds, Generation row)
    {
        if (feeds.Running.TryGetValue(row.Id, out var known))
        {
            known.Update(row);
        }
        else if (row.Status is GenerationStatus.Running)
        {
            feeds.Running[row.Id] = new RunningTask(row);
        }
    }

    private async Task TellLogAsync()
    {
        var batch = new List<AccountFeeds>();
        while (batch.Count < AccountsInOneRead && _dirty.TryDequeue(out var feeds))
        {
            feeds.MarkClean();
            if (!feeds.Closed)
            {
                batch.Add(feeds);
            }
        }

        if (batch.Count == 0)
        {
            return;
        }

        try
        {
            await TellLogAsync(batch);
        }
        catch
        {
            batch.ForEach(MarkDirty);
            throw;
        }
    }

    private async Task TellLogAsync(List<AccountFeeds> batch)
    {
        var (lines, rows) = await database.ReadAsync(async session =>
        {
            var lines = await EventLog.ReadManyAsync(session, [.. batch.Select(feeds => (feeds.AccountId, feeds.Told))], Batch);
            var wanted = lines
                .Where(one => one.Line.Payload is null
                    && _accounts.TryGetValue(one.AccountId, out var feeds)
                    && feeds.Wants(one.Line.GenerationId))
                .Select(one => (one.AccountId, one.Line.GenerationId))
                .Distinct()
                .ToList();
            return (lines, await GenerationStore.FindManyAsync(session, wanted));
        });
        if (lines.Count == 0)
        {
            return;
        }

        var byId = rows.ToDictionary(row => row.Id, StringComparer.Ordinal);
        var byAccount = lines.ToLookup(one => one.AccountId, one => one.Line, StringComparer.Ordinal);
        foreach (var feeds in batch)
        {
            TellLog(feeds, [.. byAccount[feeds.AccountId]], byId);
        }
    }

    private void TellLog(AccountFeeds feeds, List<LoggedEvent> lines, Dictionary<string, Generation> rows)
    {
        var events = new List<FeedEvent>(lines.Count);
        var skipped = new List<string>();
        foreach (var line in lines)
        {
            if (FeedEvent.Of(line, rows.GetValueOrDefault(line.GenerationId), meter) is not { } item)
            {
                skipped.Add(line.GenerationId);
                continue;
            }

            events.Add(item);
            if (EventTypes.IsLast(line.Type))
            {
                feeds.Running.Remove(line.GenerationId);
            }
            else if (item.Task is { } task)
            {
                Note(feeds, task);
            }
        }

        if (lines.Count > 0)
        {
            feeds.Tell(events, skipped, lines[^1].Seq);
        }

        if (lines.Count == Batch)
        {
            MarkDirty(feeds);
        }
    }

    private void TellProgress()
    {
        foreach (var feeds in _accounts.Values)
        {
            List<FeedEvent>? grown = null;
            foreach (var (id, task) in feeds.Running)
            {
                if (!feeds.Wants(id))
                {
                    feeds.Running.Remove(id);
                    continue;
                }

                var progress = meter.Of(task.Generation, task.Variant);
                if (task.Generation.Status is GenerationStatus.Running && progress.Percent > task.Told)
                {
                    task.Told = progress.Percent;
                    (grown ??= []).Add(FeedEvent.Of(null, EventTypes.Progress, task.Generation, progress));
                }
            }

            if (grown is not null)
            {
                feeds.Tell(grown, [], feeds.Told);
            }
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(LogLevel.Error, "The event log could not be read for its followers; the next read tries again")]
    private partial void LogNotRead(Exception exception);
}
