namespace Zoetrope.Server.Generations.Feeds;

/// <summary>
/// The feeds of one account on this node, how far its log has been sent to them, and which of the followed tasks are running.
/// Members join and leave at any time; everything else is done by <see cref="FeedHub"/>'s one loop.
/// </summary>
internal sealed class AccountFeeds(string accountId, long told)
{
    private const int MostChanged = 4_096;

    private readonly Lock _gate = new();
    private readonly List<GenerationFeed> _ofAll = [];
    private readonly Dictionary<string, List<GenerationFeed>> _ofTask = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private int _dirty;
    private bool _newOfAll;

    public string AccountId => accountId;

    /// <summary>The log has been sent up to this number.</summary>
    public long Told { get; private set; } = told;

    /// <summary>Nobody is left, and nobody can join any more.</summary>
    public bool Closed { get; private set; }

    /// <summary>The followed tasks that run, and what was last sent about each; only the hub's loop touches it.</summary>
    public Dictionary<string, RunningTask> Running { get; } = new(StringComparer.Ordinal);

    /// <summary>Takes the feed in; false when this account's feeds have just been closed.</summary>
    public bool Join(GenerationFeed feed)
    {
        lock (_gate)
        {
            if (Closed)
            {
                return false;
            }

            if (feed.Target.TaskId is not { } id)
            {
                _newOfAll |= _ofAll.Count == 0;
                _ofAll.Add(feed);
                return true;
            }

            _changed.Add(id);
            if (!_ofTask.TryGetValue(id, out var feeds))
            {
                _ofTask[id] = feeds = [];
            }

            feeds.Add(feed);
            return true;
        }
    }

    public bool Leave(GenerationFeed feed)
    {
        lock (_gate)
        {
            if (feed.Target.TaskId is not { } id)
            {
                _ofAll.Remove(feed);
            }
            else if (_ofTask.TryGetValue(id, out var feeds) && feeds.Remove(feed) && feeds.Count == 0)
            {
                _ofTask.Remove(id);
            }

            return Closed = _ofAll.Count == 0 && _ofTask.Count == 0;
        }
    }

    /// <summary>Gives the feed what is sent from now on; returns the number up to which the log was sent before.</summary>
    public long Resume(GenerationFeed feed)
    {
        lock (_gate)
        {
            feed.Resume();
            return Told;
        }
    }

    /// <summary>True for the first who says so since the log was last looked at.</summary>
    public bool MarkDirty() => Interlocked.Exchange(ref _dirty, 1) == 0;

    public void MarkClean() => Volatile.Write(ref _dirty, 0);

    public void MarkChanged(string generationId)
    {
        lock (_gate)
        {
            if (_changed.Count < MostChanged && Follows(generationId))
            {
                _changed.Add(generationId);
            }
        }
    }

    public bool Wants(string generationId)
    {
        lock (_gate)
        {
            return Follows(generationId);
        }
    }

    /// <summary>
    /// The followed generations that changed since the last call, and whether what runs of the whole account must be read.
    /// </summary>
    public (List<string> Changed, bool All) TakeChanged()
    {
        lock (_gate)
        {
            List<string> changed = [.. _changed];
            _changed.Clear();
            (var all, _newOfAll) = (_newOfAll, false);
            return (changed, all);
        }
    }

    /// <summary>Hands the events to their followers and notes how far the log has been sent.</summary>
    /// <param name="skipped">Generations whose events were left out because nobody followed them when the log was read.</param>
    public void Tell(List<FeedEvent> events, List<string> skipped, long upTo)
    {
        lock (_gate)
        {
            foreach (var item in events)
            {
                foreach (var feed in item.Task is { } task ? Followers(task.Id) : _ofAll)
                {
                    feed.Hand(item);
                }
            }

            // Who has joined meanwhile must read these in the log.
            foreach (var id in skipped)
            {
                foreach (var feed in Followers(id))
                {
                    feed.Lose();
                }
            }

            Told = upTo;
        }
    }

    private IEnumerable<GenerationFeed> Followers(string generationId) =>
        _ofTask.TryGetValue(generationId, out var feeds) ? feeds.Concat(_ofAll) : _ofAll;

    private bool Follows(string generationId) => _ofAll.Count > 0 || _ofTask.ContainsKey(generationId);
}

/// <summary>A followed task that runs.</summary>
internal sealed class RunningTask(Generation generation)
{
    public Generation Generation { get; private set; } = generation;

    public string Variant { get; private set; } = RunTimes.VariantOf(generation);

    /// <summary>The progress that was sent last.</summary>
    public int Told { get; set; }

    public void Update(Generation row)
    {
        if (row.Version >= Generation.Version)
        {
            Variant = row.Provider == Generation.Provider ? Variant : RunTimes.VariantOf(row);
            Generation = row;
        }
    }
}
