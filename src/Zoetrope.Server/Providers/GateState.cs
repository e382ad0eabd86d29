using System.Collections.Immutable;

namespace Zoetrope.Server.Providers;

/// <summary>
/// What is known of one provider from the submits of all nodes: failures in a row, how long it is left alone, and which keys rest.
/// Nothing here changes in place, and what changes nothing returns the same object.
/// </summary>
internal sealed record GateState
{
    /// <summary>Failures in a row, of submits that nobody could serve, that open the circuit.</summary>
    public const int FailuresToOpen = 5;

    public static readonly GateState Fresh = new();

    private static readonly TimeSpan FirstOpen = TimeSpan.FromSeconds(15);

    // A call that hangs is still the one probe; a node that died with it holds the others up no longer than this.
    private static readonly TimeSpan LongestProbe = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestOpen = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RateLimitPark = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRateLimitPark = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FirstRefusalPark = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestRefusalPark = TimeSpan.FromMinutes(30);

    // Many submits in the air may hear the same wish; a little more of it is no news.
    private static readonly TimeSpan SameWish = TimeSpan.FromMilliseconds(250);

    public int Failures { get; init; }

    /// <summary>How often it was opened since it last worked.</summary>
    public int Opened { get; init; }

    public DateTimeOffset OpenUntil { get; init; }

    /// <summary>One submit tries on behalf of all until then.</summary>
    public DateTimeOffset ProbeUntil { get; init; }

    /// <summary>The vendor's words of the last failure.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Keys that rest, or that were refused when they last were used, by fingerprint.</summary>
    public ImmutableSortedDictionary<string, KeyRest> Keys { get; init; } = ImmutableSortedDictionary<string, KeyRest>.Empty;

    /// <summary>It was opened, and its time is over: the next submit decides.</summary>
    public bool IsHalfOpen(DateTimeOffset now) =>
        Opened > 0 && Failures >= FailuresToOpen && OpenUntil <= now && ProbeUntil <= now;

    public bool Rests(string keyId, DateTimeOffset now) => Keys.TryGetValue(keyId, out var rest) && rest.Until > now;

    /// <summary>A node is about to probe.</summary>
    public GateState Probing(DateTimeOffset now) => this with { ProbeUntil = now + FirstOpen };

    /// <summary>The probe is on its way to the vendor, and its answer may take as long as it takes there.</summary>
    public GateState ProbeSent(DateTimeOffset now) => ProbeUntil > now ? this with { ProbeUntil = now + LongestProbe } : this;

    /// <summary>With what a submit proved.</summary>
    public GateState With(GateNews news) => news.Proof switch
    {
        GateProof.Taken => Working().Without(news.KeyId),
        GateProof.Answered => Working(),
        GateProof.Failed => Failed(news),
        GateProof.SlowedDown => SlowedDown(news),
        _ => Refused(news),
    };

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Longer(TimeSpan first, int times) => first * Math.Pow(2, Math.Min(times, 10));

    private GateState Working() =>
        Failures == 0 && Opened == 0 && ProbeUntil == default ? this : this with { Failures = 0, Opened = 0, ProbeUntil = default };

    private GateState Without(string keyId) => Keys.ContainsKey(keyId) ? this with { Keys = Keys.Remove(keyId) } : this;

    private GateState Failed(GateNews news)
    {
        if (OpenUntil > news.At)
        {
            // It was in the air when the circuit opened.
            return this;
        }

        var failed = this with { Failures = Failures + 1, ProbeUntil = default, Reason = news.Reason };
        return failed.Failures < FailuresToOpen
            ? failed
            : failed with { Opened = Opened + 1, OpenUntil = news.At + Shorter(Longer(FirstOpen, Opened), LongestOpen) };
    }

    private GateState SlowedDown(GateNews news)
    {
        var until = news.At + Shorter(news.RetryAfter ?? RateLimitPark, LongestRateLimitPark);
        var rest = Keys.GetValueOrDefault(news.KeyId) ?? KeyRest.None;
        return ProbeUntil == default && rest.Until > until - SameWish
            ? this
            : Rest(news.KeyId, rest with { Until = until > rest.Until ? until : rest.Until, Reason = news.Reason });
    }

    private GateState Refused(GateNews news)
    {
        var rest = Keys.GetValueOrDefault(news.KeyId) ?? KeyRest.None;
        if (rest.Refusals > 0 && rest.Until > news.At)
        {
            // It was in the air when the key was refused.
            return ProbeUntil == default ? this : this with { ProbeUntil = default };
        }

        var pause = news.RetryAfter ?? Shorter(Longer(FirstRefusalPark, rest.Refusals), LongestRefusalPark);
        return Rest(news.KeyId, new KeyRest(rest.Refusals + 1, news.At + pause, news.Reason));
    }

    private GateState Rest(string keyId, KeyRest rest) =>
        this with { ProbeUntil = default, Reason = rest.Reason, Keys = Keys.SetItem(keyId, rest) };
}

/// <summary>A key that is not used for a while.</summary>
/// <param name="Refusals">How often the vendor refused it since it last worked; 0 where it only asked to slow down.</param>
/// <param name="Until">Until when it rests.</param>
/// <param name="Reason">The vendor's words.</param>
internal sealed record KeyRest(int Refusals, DateTimeOffset Until, string Reason)
{
    public static readonly KeyRest None = new(0, default, "");
}

internal enum GateProof
{
    /// <summary>The vendor took the job: it works, and so does the key.</summary>
    Taken,

    /// <summary>It refused this request, which proves that it works.</summary>
    Answered,

    /// <summary>It could not serve, or gave no answer.</summary>
    Failed,

    /// <summary>It asked to slow down.</summary>
    SlowedDown,

    /// <summary>It does not accept the key, or the account behind it is empty.</summary>
    KeyRefused,
}

/// <summary>What a submit proved about its provider and key.</summary>
internal sealed record GateNews(string KeyId, GateProof Proof, DateTimeOffset At, TimeSpan? RetryAfter = null, string Reason = "")
{
    public static GateNews Of(ProviderKey key, SubmitResult result, DateTimeOffset at) => result switch
    {
        SubmitResult.Accepted or SubmitResult.Completed => new(key.Id, GateProof.Taken, at),
        SubmitResult.Unknown unknown => new(key.Id, GateProof.Failed, at, Reason: unknown.Reason),
        SubmitResult.Refused { Error: var error } => new(
            key.Id,
            error.Kind switch
            {
                ProviderErrorKind.Unavailable => GateProof.Failed,
                ProviderErrorKind.RateLimited => GateProof.SlowedDown,
                ProviderErrorKind.Auth or ProviderErrorKind.QuotaExhausted => GateProof.KeyRefused,
                _ => GateProof.Answered,
            },
            at,
            error.RetryAfter,
            $"{error.VendorCode}: {error.VendorMessage}"),
        _ => throw new InvalidOperationException($"Unknown submit result {result}."),
    };
}
