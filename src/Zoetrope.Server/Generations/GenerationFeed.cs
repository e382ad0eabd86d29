using Zoetrope.Server.Events;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>One thing that a follower is told.</summary>
/// <param name="Seq">Its number in the log; null for progress, which is not in the log.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Task">The task as it is now, which may be later than the event; null where the event is about no single task.</param>
/// <param name="Payload">The data of an event that is about no single task, a JSON object.</param>
internal sealed record FeedEvent(long? Seq, string Type, Generation? Task, string? Payload = null);

/// <summary>
/// A follower of one task, or of an account's. It keeps a place in the log and pulls, so that a slow follower costs
/// nothing but its place. Events come from the log in its order; progress comes from the rows in between.
/// </summary>
internal sealed class GenerationFeed(Database database, ChangeWatch watch, TimeProvider time, string accountId, KeyMode mode, string? taskId, long after) : IDisposable
{
    private const int Batch = 64;

    // What was last told of each running task: progress is told only when it has grown.
    private readonly Dictionary<string, int> _told = new(StringComparer.Ordinal);
    private Task _change = watch.Next();
    private bool _behind;

    /// <summary>The place in the log behind which the follower goes on.</summary>
    public long Cursor { get; private set; } = after;

    /// <summary>The one task that is followed has told its end.</summary>
    public bool Ended { get; private set; }

    /// <summary>What is new, at most one batch; empty where nothing is.</summary>
    public async ValueTask<List<FeedEvent>> ReadAsync()
    {
        _change = watch.Next();
        var changed = watch.TakeChanged();
        if (taskId is not null)
        {
            changed = [taskId];
        }

        var news = await database.ReadAsync(session => ReadAsync(session, changed));
        return news;
    }

    /// <summary>Waits for a change, but never longer than asked: another node's change gives no hint here.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        if (!_behind)
        {
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(_change, Task.Delay(atMost < GenerationReads.Reread ? atMost : GenerationReads.Reread, time, enough.Token));
            await enough.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public void Dispose() => watch.Dispose();

    private async ValueTask<List<FeedEvent>> ReadAsync(Session session, List<string> changed)
    {
        // The rows before the log: whatever a row shows here, the log that is read after it explains. Read the other way
        // round, progress could overtake the event that began the run.
        var rows = new List<Generation>();
        foreach (var id in changed)
        {
            if (await FindAsync(session, id) is { Status: GenerationStatus.Running } running)
            {
                rows.Add(running);
            }
        }

        var log = await EventLog.ReadAsync(session, accountId, taskId, Cursor, Batch);
        var news = new List<FeedEvent>(log.Count);
        foreach (var line in log)
        {
            Cursor = line.Seq;
            if (line.Payload is { } payload)
            {
                if (line.Mode == (long)mode)
                {
                    news.Add(new FeedEvent(line.Seq, line.Type, null, payload));
                }
            }
            else if (await FindAsync(session, line.GenerationId) is { } task)
            {
                news.Add(new FeedEvent(line.Seq, line.Type, task));
                Tell(task);
                Ended |= taskId is not null && EventTypes.IsLast(line.Type);
            }
        }

        _behind = log.Count == Batch;
        foreach (var row in rows)
        {
            // Of a task whose end is in this batch, or further back in the log, nothing more is told here.
            var ended = news.Exists(item => item.Task?.Id == row.Id && item.Task.IsTerminal);
            if (!_behind && !ended && row.Progress is { } progress && progress > _told.GetValueOrDefault(row.Id))
            {
                news.Add(new FeedEvent(null, EventTypes.Progress, row));
                Tell(row);
            }
        }

        return news;
    }

    private void Tell(Generation task)
    {
        if (task.IsTerminal)
        {
            _told.Remove(task.Id);
        }
        else
        {
            _told[task.Id] = task.Progress ?? 0;
        }
    }

    private async ValueTask<Generation?> FindAsync(Session session, string id) =>
        await GenerationStore.FindAsync(session, accountId, id) is { } task && task.Mode == mode ? task : null;
}
