using System.Collections.Concurrent;
using System.Collections.Immutable;
using Zoetrope.Server.Admission.Commit;

namespace Zoetrope.Server.Generations.Feeds;

/// <summary>
/// Hints inside this process that something is worth looking at: a provider has queued work, a generation has changed.
/// They make things quick and nothing correct: a lost hint is found by the schedulers' ticks and by the waiters' own re-read.
/// </summary>
internal sealed class GenerationSignals
{
    private readonly ConcurrentDictionary<string, ImmutableList<ChangeWatch>> _watches = new(StringComparer.Ordinal);
    private Action<string> _workQueued = static _ => { };
    private Action<string, string> _changed = static (_, _) => { };

    /// <summary>Sets who is notified that a provider has queued work; must return at once.</summary>
    public void OnQueued(Action<string> listener) => Volatile.Write(ref _workQueued, listener);

    /// <summary>Sets who is notified of the account and id of every generation that changes here; must return at once.</summary>
    public void OnChanged(Action<string, string> listener) => Volatile.Write(ref _changed, listener);

    public void Queued(string provider) => Volatile.Read(ref _workQueued)(provider);

    /// <summary>The <see cref="CommitListener"/>: providers have work, and accounts have new generations.</summary>
    public void Committed(IReadOnlyList<Submit> submits)
    {
        string? last = null;
        foreach (var submit in submits)
        {
            if (submit.Made is not { } made)
            {
                continue;
            }

            foreach (var order in submit.Orders)
            {
                if (order.Route.Provider != last)
                {
                    last = order.Route.Provider;
                    Queued(last);
                }
            }

            foreach (var id in made.TaskIds)
            {
                Volatile.Read(ref _changed)(submit.Caller.AccountId, id);
            }
        }
    }

    /// <summary>Wakes everybody who watches this generation.</summary>
    public void Changed(string accountId, string generationId)
    {
        if (_watches.TryGetValue(generationId, out var watches))
        {
            foreach (var watch in watches)
            {
                watch.Tell();
            }
        }

        Volatile.Read(ref _changed)(accountId, generationId);
    }

    /// <summary>Watches a generation until it is disposed.</summary>
    public ChangeWatch Watch(string generationId)
    {
        var watch = new ChangeWatch(this, generationId);
        _watches.AddOrUpdate(generationId, static (_, added) => [added], static (_, others, added) => others.Add(added), watch);
        return watch;
    }

    internal void Forget(ChangeWatch watch)
    {
        // The last one takes the entry away, unless somebody has joined meanwhile.
        while (_watches.TryGetValue(watch.Key, out var all))
        {
            var rest = all.Remove(watch);
            if (rest.IsEmpty ? _watches.TryRemove(new(watch.Key, all)) : _watches.TryUpdate(watch.Key, rest, all))
            {
                return;
            }
        }
    }
}
