using System.Globalization;

namespace Zoetrope.Server.Providers;

/// <summary>
/// Whether and with which key one provider may be asked for paid work: its keys by weight, without those that rest, and a circuit
/// breaker. What it knows is a row that all nodes share, as this node last read it, and what this node has learned and not
/// written down yet. The shares of the keys are each node's own.
/// </summary>
internal sealed class ProviderGate
{
    private static readonly TimeSpan WhileProbing = TimeSpan.FromSeconds(5);

    // Nobody knows when an operator resumes; a task that has no other route looks again after it.
    private static readonly TimeSpan WhilePaused = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly Slot[] _slots;
    private readonly TimeProvider _time;
    private readonly bool _guarded;
    private readonly List<GateNews> _unwritten = [];
    private SharedGate _row = SharedGate.Untouched;
    private GateState _seen = GateState.Fresh;

    /// <param name="provider">Whose.</param>
    /// <param name="keys">Its keys, at least one.</param>
    /// <param name="guarded">False for the sandbox: its failures are demonstrations.</param>
    /// <param name="time">The clock of the cluster.</param>
    public ProviderGate(string provider, IReadOnlyList<ProviderKey> keys, bool guarded, TimeProvider time)
    {
        Provider = provider;
        _slots = [.. keys.Select(key => new Slot(key))];
        _guarded = guarded;
        _time = time;
    }

    public string Provider { get; }

    /// <summary>Whether it learns at all.</summary>
    public bool IsGuarded => _guarded;

    /// <summary>The version of the row that this node goes by.</summary>
    public long Version
    {
        get
        {
            lock (_lock)
            {
                return _row.Version;
            }
        }
    }

    /// <summary>Why an operator has taken it out of service; null while it is in service.</summary>
    public GatePause? Pause
    {
        get
        {
            lock (_lock)
            {
                return _row.Pause;
            }
        }
    }

    /// <summary>One write at a time; rows are seen only between two of them, so that nothing is counted twice.</summary>
    public SemaphoreSlim Writing { get; } = new(1, 1);

    public IReadOnlyList<ProviderKey> Keys => [.. _slots.Select(slot => slot.Key)];

    /// <summary>Reads a comma-separated list of keys, each with an optional weight: <c>key1, key2*3</c>.</summary>
    /// <exception cref="FormatException">A weight is no whole number from 1 to 100.</exception>
    public static IReadOnlyList<ProviderKey> ReadKeys(string? list)
    {
        var keys = new List<ProviderKey>();
        foreach (var entry in (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var star = entry.LastIndexOf('*');
            if (star < 0)
            {
                keys.Add(new ProviderKey(entry));
                continue;
            }

            if (!int.TryParse(entry.AsSpan(star + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var weight)
                || weight is < 1 or > 100)
            {
                throw new FormatException("the weight after a key's '*' must be a whole number from 1 to 100");
            }

            keys.Add(new ProviderKey(entry[..star].Trim(), weight));
        }

        return keys;
    }

    /// <summary>Whether a submit would be let through now.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_lock)
            {
                return !Closed(_time.GetUtcNow(), out _);
            }
        }
    }

    /// <summary>
    /// The key of the next submit and what was known when it was chosen; no key, with why and for how long, while the circuit is
    /// open or every key rests. A submit that is the probe must be agreed upon with the other nodes first.
    /// </summary>
    public GateTurn Take()
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            if (Closed(now, out var wait))
            {
                if (_row.Pause is not null)
                {
                    return new GateTurn(null, _row.Version, false, new ProviderClosure(wait, NeedsOperator: false, "paused by the operator"));
                }

                var refused = _slots.All(slot => _seen.Keys.GetValueOrDefault(slot.Key.Id) is { Refusals: > 0 } rest && rest.Until > now);
                return new GateTurn(null, _row.Version, false, new ProviderClosure(wait, refused, _seen.Reason));
            }

            if (_seen.IsHalfOpen(now))
            {
                return new GateTurn(null, _row.Version, IsProbe: true, ProviderClosure.None);
            }

            return new GateTurn(Next(now), _row.Version, false, ProviderClosure.None);
        }
    }

    /// <summary>The key of the probe that was agreed upon.</summary>
    public GateTurn TakeProbe()
    {
        lock (_lock)
        {
            return new GateTurn(Next(_time.GetUtcNow()), _row.Version, IsProbe: true, ProviderClosure.None);
        }
    }

    /// <summary>The key that submitted; after its removal from the configuration the first one, which can at least try.</summary>
    public ProviderKey Find(string? id) => (_slots.FirstOrDefault(slot => slot.Key.Id == id) ?? _slots[0]).Key;

    /// <summary>Learns from what a submit proved; this node goes by it at once. False where it was nothing new.</summary>
    public bool Learn(ProviderKey key, SubmitResult result)
    {
        if (!_guarded)
        {
            return false;
        }

        var news = GateNews.Of(key, result, _time.GetUtcNow());
        lock (_lock)
        {
            var learned = _seen.With(news);
            if (ReferenceEquals(learned, _seen))
            {
                return false;
            }

            _unwritten.Add(news);
            _seen = learned;
            return true;
        }
    }

    /// <summary>The row as some node wrote it; what this node has not written yet comes on top.</summary>
    public void See(SharedGate row)
    {
        lock (_lock)
        {
            if (row.Version == _row.Version)
            {
                return;
            }

            _row = row;
            _seen = row.State;

            // What says nothing new any more, such as a failure after another node opened the circuit, is not written.
            _unwritten.RemoveAll(news =>
            {
                var before = _seen;
                _seen = before.With(news);
                return ReferenceEquals(before, _seen);
            });
        }
    }

    /// <summary>What is to be written over which row; null while there is nothing.</summary>
    public GateChange? Unwritten()
    {
        lock (_lock)
        {
            return _unwritten.Count == 0 ? null : new GateChange(_row, _seen, _unwritten.Count);
        }
    }

    /// <summary>The same with a probe that begins now; null where there is none to begin.</summary>
    public GateChange? Probe()
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            return _seen.IsHalfOpen(now) ? new GateChange(_row, _seen.Probing(now), _unwritten.Count) : null;
        }
    }

    /// <summary>The same with the probe on its way.</summary>
    public GateChange ProbeSent()
    {
        lock (_lock)
        {
            return new GateChange(_row, _seen.ProbeSent(_time.GetUtcNow()), _unwritten.Count);
        }
    }

    /// <summary>The change is in the row.</summary>
    public void Written(GateChange change)
    {
        lock (_lock)
        {
            _unwritten.RemoveRange(0, change.News);
            _row = change.Over with { Version = change.Over.Version + 1, State = change.Next };
            _seen = _unwritten.Aggregate(change.Next, static (state, news) => state.With(news));
        }
    }

    /// <summary>Its state, for the operator.</summary>
    public ProviderStanding Standing()
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            return new ProviderStanding(
                _seen.OpenUntil > now,
                Closed(now, out var wait) ? _row.Pause?.Reason ?? _seen.Reason : null,
                [.. _slots.Select(slot => _seen.Rests(slot.Key.Id, now)
                    ? new KeyStanding(slot.Key.Id, slot.Key.Weight, _seen.Keys[slot.Key.Id].Until, _seen.Keys[slot.Key.Id].Reason)
                    : new KeyStanding(slot.Key.Id, slot.Key.Weight, null, null))])
            {
                Pause = _row.Pause,
                NextTryAt = wait > TimeSpan.Zero && _row.Pause is null ? now + wait : null,
            };
        }
    }

    // Smooth weighted round robin: each gains its weight, the richest pays the total.
    private ProviderKey? Next(DateTimeOffset now)
    {
        Slot? best = null;
        var total = 0;
        foreach (var slot in _slots)
        {
            if (!_seen.Rests(slot.Key.Id, now))
            {
                slot.Credit += slot.Key.Weight;
                total += slot.Key.Weight;
                best = best is null || slot.Credit > best.Credit ? slot : best;
            }
        }

        if (best is not null)
        {
            best.Credit -= total;
        }

        return best?.Key;
    }

    private bool Closed(DateTimeOffset now, out TimeSpan wait)
    {
        if (_row.Pause is not null)
        {
            wait = WhilePaused;
            return true;
        }

        var until = _seen.OpenUntil > _seen.ProbeUntil ? _seen.OpenUntil : _seen.ProbeUntil;
        if (until <= now)
        {
            until = DateTimeOffset.MaxValue;
            foreach (var slot in _slots)
            {
                if (!_seen.Rests(slot.Key.Id, now))
                {
                    wait = TimeSpan.Zero;
                    return false;
                }

                until = _seen.Keys[slot.Key.Id].Until < until ? _seen.Keys[slot.Key.Id].Until : until;
            }
        }

        // The probe may be answered at any moment.
        wait = until == _seen.ProbeUntil && until - now > WhileProbing ? WhileProbing : until - now;
        return true;
    }

    private sealed class Slot(ProviderKey key)
    {
        public ProviderKey Key { get; } = key;

        public int Credit { get; set; }
    }
}

/// <summary>A gate as all nodes see it.</summary>
/// <param name="Version">Counts its changes; 0 where there was none.</param>
/// <param name="State">What is known.</param>
internal sealed record SharedGate(long Version, GateState State)
{
    public static readonly SharedGate Untouched = new(0, GateState.Fresh);

    /// <summary>An operator's word, which no answer of the vendor changes; null while it is in service.</summary>
    public GatePause? Pause { get; init; }
}

/// <summary>Why and since when a provider is out of service.</summary>
internal sealed record GatePause(string Reason, DateTimeOffset Since);

/// <summary>What a node wants to write of a gate.</summary>
/// <param name="Over">The row that it saw.</param>
/// <param name="Next">What is to be there.</param>
/// <param name="News">How much of what it learned is in that.</param>
internal sealed record GateChange(SharedGate Over, GateState Next, int News);

/// <summary>The answer to who wants to submit.</summary>
/// <param name="Key">With this key; null where it may not, or not yet.</param>
/// <param name="Seen">The version of the gate by which this was decided.</param>
/// <param name="IsProbe">One submit decides for all nodes.</param>
/// <param name="Closed">Why it may not.</param>
internal readonly record struct GateTurn(ProviderKey? Key, long Seen, bool IsProbe, ProviderClosure Closed);

/// <summary>Why a provider may not be asked.</summary>
/// <param name="Wait">Until it may be asked again.</param>
/// <param name="NeedsOperator">It refuses every key: waiting does not help.</param>
/// <param name="Reason">The vendor's words.</param>
internal readonly record struct ProviderClosure(TimeSpan Wait, bool NeedsOperator, string Reason)
{
    public static readonly ProviderClosure None = new(TimeSpan.Zero, NeedsOperator: false, "");
}

/// <summary>A provider's state as this node knows it.</summary>
/// <param name="CircuitOpen">It failed too often and is left alone for a while.</param>
/// <param name="StoppedBecause">Why nothing is submitted now; null while submits go through.</param>
/// <param name="Keys">Its keys by fingerprint.</param>
internal sealed record ProviderStanding(bool CircuitOpen, string? StoppedBecause, IReadOnlyList<KeyStanding> Keys)
{
    public GatePause? Pause { get; init; }

    /// <summary>When the next submit may go to it; null while submits go through, or for nobody knows how long.</summary>
    public DateTimeOffset? NextTryAt { get; init; }
}

internal sealed record KeyStanding(string Id, int Weight, DateTimeOffset? ParkedUntil, string? Reason);
