using System.Globalization;

namespace Zoetrope.Server.Providers;

/// <summary>
/// Whether and with which key one provider may be asked for paid work: its keys by weight, those that failed parked, and a
/// circuit breaker. Each process learns for itself; nothing here is needed to be right, only to be quick and polite.
/// </summary>
internal sealed partial class ProviderGate
{
    /// <summary>Failures in a row, of submits that nobody could serve, that open the circuit.</summary>
    private const int FailuresToOpen = 5;

    private static readonly TimeSpan FirstOpen = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestOpen = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RateLimitPark = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRateLimitPark = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FirstRefusalPark = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestRefusalPark = TimeSpan.FromMinutes(30);

    private readonly Lock _lock = new();
    private readonly string _provider;
    private readonly Slot[] _slots;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly bool _guarded;
    private int _failures;
    private int _opened;
    private DateTimeOffset _openUntil;
    private DateTimeOffset _probeUntil;
    private string _reason = "";

    /// <param name="guarded">False for the sandbox: its failures are demonstrations.</param>
    public ProviderGate(string provider, IReadOnlyList<ProviderKey> keys, bool guarded, TimeProvider time, ILogger logger)
    {
        _provider = provider;
        _slots = [.. keys.Select(key => new Slot(key))];
        _guarded = guarded;
        _time = time;
        _logger = logger;
    }

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

    /// <summary>The key of the next submit; null, with why and for how long, while the circuit is open or every key is parked.</summary>
    public ProviderKey? Take(out ProviderClosure closed)
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            if (Closed(now, out var wait))
            {
                closed = new ProviderClosure(wait, _slots.All(slot => slot.ParkedUntil > now && slot.Refusals > 0), _reason);
                return null;
            }

            closed = ProviderClosure.None;

            if (_opened > 0 && _failures >= FailuresToOpen)
            {
                // Half open: one submit goes ahead and decides for the others.
                _probeUntil = now + FirstOpen;
            }

            // Smooth weighted round robin: each gains its weight, the richest pays the total.
            Slot? best = null;
            var total = 0;
            foreach (var slot in _slots)
            {
                if (slot.ParkedUntil <= now)
                {
                    slot.Credit += slot.Key.Weight;
                    total += slot.Key.Weight;
                    best = best is null || slot.Credit > best.Credit ? slot : best;
                }
            }

            best!.Credit -= total;
            return best.Key;
        }
    }

    /// <summary>The key that submitted; after its removal from the configuration the first one, which can at least try.</summary>
    public ProviderKey Find(string? id) => (_slots.FirstOrDefault(slot => slot.Key.Id == id) ?? _slots[0]).Key;

    /// <summary>Learns from what a submit proved.</summary>
    public void Report(ProviderKey key, SubmitResult result)
    {
        if (!_guarded)
        {
            return;
        }

        lock (_lock)
        {
            switch (result)
            {
                case SubmitResult.Accepted or SubmitResult.Completed:
                    _failures = _opened = 0;
                    _probeUntil = default;
                    if (SlotOf(key) is { } good)
                    {
                        good.Refusals = 0;
                        good.ParkedUntil = default;
                    }

                    break;
                case SubmitResult.Unknown unknown:
                    Failed(unknown.Reason);
                    break;
                case SubmitResult.Refused { Error: { Kind: ProviderErrorKind.Unavailable } error }:
                    Failed($"{error.VendorCode}: {error.VendorMessage}");
                    break;
                case SubmitResult.Refused { Error: { Kind: ProviderErrorKind.RateLimited } error }:
                    _probeUntil = default;
                    Park(
                        key,
                        Shorter(error.RetryAfter ?? RateLimitPark, LongestRateLimitPark),
                        $"{error.VendorCode}: {error.VendorMessage}");
                    break;
                case SubmitResult.Refused { Error: { Kind: ProviderErrorKind.Auth or ProviderErrorKind.QuotaExhausted } error }:
                    _probeUntil = default;
                    Stop(key, error);
                    break;
                default:
                    // Refusing this request proves that the vendor works.
                    _failures = _opened = 0;
                    _probeUntil = default;
                    break;
            }
        }
    }

    /// <summary>Its state, for the operator.</summary>
    public ProviderStanding Standing()
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            return new ProviderStanding(
                _openUntil > now,
                Closed(now, out _) ? _reason : null,
                [.. _slots.Select(slot => new KeyStanding(
                    slot.Key.Id,
                    slot.Key.Weight,
                    slot.ParkedUntil > now ? slot.ParkedUntil : null,
                    slot.ParkedUntil > now ? slot.Reason : null))]);
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private bool Closed(DateTimeOffset now, out TimeSpan wait)
    {
        var until = _openUntil > _probeUntil ? _openUntil : _probeUntil;
        if (until <= now)
        {
            var earliest = DateTimeOffset.MaxValue;
            foreach (var slot in _slots)
            {
                if (slot.ParkedUntil <= now)
                {
                    wait = TimeSpan.Zero;
                    return false;
                }

                earliest = slot.ParkedUntil < earliest ? slot.ParkedUntil : earliest;
            }

            until = earliest;
        }

        wait = until - now;
        return true;
    }

    private void Failed(string reason)
    {
        _probeUntil = default;
        if (++_failures < FailuresToOpen)
        {
            return;
        }

        var pause = Shorter(FirstOpen * Math.Pow(2, Math.Min(_opened, 10)), LongestOpen);
        _opened++;
        _openUntil = _time.GetUtcNow() + pause;
        _reason = reason;
        LogOpened(_provider, _failures, pause, reason);
    }

    private void Stop(ProviderKey key, ProviderError error)
    {
        if (SlotOf(key) is not { } slot)
        {
            return;
        }

        var pause = error.RetryAfter ?? Shorter(FirstRefusalPark * Math.Pow(2, Math.Min(slot.Refusals, 10)), LongestRefusalPark);
        slot.Refusals++;
        Park(key, pause, $"{error.VendorCode}: {error.VendorMessage}");
        LogStopped(_provider, key.Id, error.Word, error.VendorCode, error.VendorMessage, pause);
    }

    private void Park(ProviderKey key, TimeSpan pause, string reason)
    {
        if (SlotOf(key) is { } slot)
        {
            slot.ParkedUntil = _time.GetUtcNow() + pause;
            slot.Reason = _reason = reason;
        }
    }

    private Slot? SlotOf(ProviderKey key) => _slots.FirstOrDefault(slot => slot.Key.Id == key.Id);

    [LoggerMessage(LogLevel.Error, "{Provider} failed {Failures} submits in a row and is paused for {Pause}: {Reason}")]
    private partial void LogOpened(string provider, int failures, TimeSpan pause, string reason);

    [LoggerMessage(LogLevel.Error,
        "{Provider} rejects key {Key} ({Kind} {VendorCode}: {VendorMessage}); the key is not used for {Pause}. "
        + "Top up the account or replace the key")]
    private partial void LogStopped(string provider, string key, string kind, string vendorCode, string vendorMessage, TimeSpan pause);

    private sealed class Slot(ProviderKey key)
    {
        public ProviderKey Key { get; } = key;

        public int Credit { get; set; }

        public int Refusals { get; set; }

        public DateTimeOffset ParkedUntil { get; set; }

        public string Reason { get; set; } = "";
    }
}

/// <summary>Why a provider may not be asked.</summary>
/// <param name="Wait">Until it may be asked again.</param>
/// <param name="NeedsOperator">It refuses every key: waiting does not help.</param>
/// <param name="Reason">The vendor's words.</param>
internal readonly record struct ProviderClosure(TimeSpan Wait, bool NeedsOperator, string Reason)
{
    public static readonly ProviderClosure None = new(TimeSpan.Zero, NeedsOperator: false, "");
}

/// <summary>A provider's state in this process.</summary>
/// <param name="CircuitOpen">It failed too often and is left alone for a while.</param>
/// <param name="StoppedBecause">Why nothing is submitted now; null while submits go through.</param>
/// <param name="Keys">Its keys by fingerprint.</param>
internal sealed record ProviderStanding(bool CircuitOpen, string? StoppedBecause, IReadOnlyList<KeyStanding> Keys);

internal sealed record KeyStanding(string Id, int Weight, DateTimeOffset? ParkedUntil, string? Reason);
