using System.Threading.Channels;
using Zoetrope.Server.Events;

namespace Zoetrope.Server.Generations.Feeds;

/// <summary>One thing that followers are sent; all of a node's followers share one instance.</summary>
/// <param name="Seq">Its number in the log; null for progress, which is not in the log.</param>
/// <param name="Task">The task when it was read, which may be later than the event; null where the event is about no single task.</param>
/// <param name="Payload">The data, as JSON, of an event that is about no single task.</param>
internal sealed record FeedEvent(long? Seq, string Type, KeyMode Mode, Generation? Task, TaskProgress Progress, string? Payload = null)
{
    /// <summary>What the door of streams made of it, kept so that it is made once for all of them.</summary>
    public byte[]? Frame { get; set; }

    public static FeedEvent Of(long? seq, string type, Generation task, TaskProgress progress) => new(seq, type, task.Mode, task, progress);

    /// <summary>The event of a line of the log; null where its task is not known.</summary>
    public static FeedEvent? Of(LoggedEvent line, Generation? task, ProgressMeter meter) => (line.Payload, task) switch
    {
        ({ } payload, _) => new FeedEvent(line.Seq, line.Type, (KeyMode)line.Mode.GetValueOrDefault(), null, default, payload),
        (_, { } known) => Of(line.Seq, line.Type, known, meter.Of(known)),
        _ => null,
    };
}

/// <summary>What a feed follows: one task, or all of an account and a mode.</summary>
internal sealed record FeedTarget(string AccountId, KeyMode Mode, string? TaskId);

/// <summary>
/// A follower of one task, or of an account's. Behind its place in the log it reads the log; once it has caught up,
/// <see cref="FeedHub"/> hands it what is new. A follower that does not take what it is handed loses only that: it is behind
/// again, and costs its place in the log and no memory.
/// </summary>
internal sealed class GenerationFeed(FeedHub hub, FeedTarget target, long after) : IDisposable
{
    private const int Batch = 64;
    private const int MostHanded = 128;

    private readonly Channel<FeedEvent?> _handed = Channel.CreateBounded<FeedEvent?>(
        new BoundedChannelOptions(MostHanded) { SingleReader = true });

    // What was last sent about each running task: progress is sent only when it has grown.
    private readonly Dictionary<string, int> _told = new(StringComparer.Ordinal);
    private volatile bool _lost = true;
    private bool _behind = true;
    private long? _until;
    private Task? _news;

    public FeedTarget Target => target;

    /// <summary>The place in the log after which the follower continues.</summary>
    public long Cursor { get; private set; } = after;

    /// <summary>The end of the one task that is followed has been sent.</summary>
    public bool Ended { get; private set; }

    /// <summary>What is new, at most one batch; empty where nothing is.</summary>
    public async ValueTask<List<FeedEvent>> ReadAsync()
    {
        var news = new List<FeedEvent>();
        _behind |= _lost;
        if (_behind)
        {
            await CatchUpAsync(news);
        }

        while (!_behind && !Ended && news.Count < Batch && _handed.Reader.TryRead(out var handed))
        {
            if (handed is not null && !(handed.Seq <= Cursor))
            {
                Take(news, handed);
            }
        }

        return news;
    }

    /// <summary>Whether the followed task has ended and its log has nothing after the cursor.</summary>
    public ValueTask<bool> IsOverAsync() => hub.Database.ReadAsync(async session =>
        target.TaskId is { } id
        && await GenerationStore.FindAsync(session, target.AccountId, id) is { IsTerminal: true }
        && (await EventLog.ReadAsync(session, target.AccountId, id, Cursor, 1)).Count == 0);

    /// <summary>Waits until there is something to read, but never longer than asked.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        if (_behind || _lost || _handed.Reader.TryPeek(out _))
        {
            return;
        }

        // A wait that ran out of time is kept for the next one.
        _news ??= _handed.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (await Task.WhenAny(_news, Task.Delay(atMost, hub.Time, enough.Token)) == _news)
        {
            _news = null;
        }

        await enough.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        hub.Leave(this);
        _handed.Writer.TryComplete();
    }

    /// <summary>Hands over something new; called under the lock of the account's feeds.</summary>
    internal void Hand(FeedEvent item)
    {
        // A full queue is a reader that is slow. Progress may be left out; a gap in the log is a reason to read the log.
        if (item.Mode == target.Mode
            && !_lost
            && (item.Seq is not null || _handed.Reader.Count < MostHanded / 2)
            && !_handed.Writer.TryWrite(item))
        {
            _lost = true;
        }
    }

    /// <summary>Makes the follower read the log again, and wakes it for that; called under the lock of the account's feeds.</summary>
    internal void Lose()
    {
        _lost = true;
        _handed.Writer.TryWrite(null);
    }

    /// <summary>Begins to take what is handed over from now on; called under the lock of the account's feeds.</summary>
    internal void Resume()
    {
        while (_handed.Reader.TryRead(out _))
        {
        }

        _lost = false;
    }

    private async ValueTask CatchUpAsync(List<FeedEvent> news)
    {
        // What comes after this place is handed over while the log is read up to it.
        var until = _until ??= hub.Resume(this);
        var complete = await hub.Database.ReadAsync(async session =>
        {
            var log = await EventLog.ReadAsync(session, target.AccountId, target.TaskId, Cursor, Batch);
            foreach (var line in log)
            {
                if (line.Seq > until)
                {
                    return true;
                }

                Cursor = line.Seq;
                var task = line.Payload is null ? await GenerationStore.FindAsync(session, target.AccountId, line.GenerationId) : null;
                if (FeedEvent.Of(line, task, hub.Meter) is { } item && item.Mode == target.Mode)
                {
                    Take(news, item);
                }
            }

            return log.Count < Batch;
        });
        if (complete)
        {
            (_behind, _until) = (false, null);
        }
    }

    private void Take(List<FeedEvent> news, FeedEvent item)
    {
        Cursor = item.Seq ?? Cursor;
        if (item.Task is { } task && !IsNews(item, task))
        {
            return;
        }

        news.Add(item);
        Ended |= target.TaskId is not null && EventTypes.IsLast(item.Type);
    }

    private bool IsNews(FeedEvent item, Generation task)
    {
        if (item.Seq is null && item.Progress.Percent <= _told.GetValueOrDefault(task.Id))
        {
            return false;
        }

        if (EventTypes.IsLast(item.Type))
        {
            _told.Remove(task.Id);
        }
        else
        {
            // For a task that has ended meanwhile, nothing is left to send but its end.
            _told[task.Id] = task.IsTerminal ? 100 : item.Progress.Percent;
        }

        return true;
    }
}
