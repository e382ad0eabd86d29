using Zoetrope.Server.Admission.Commit;

namespace Zoetrope.Server.Admission.Gates;

/// <summary>One decision of <see cref="RequestRate"/>.</summary>
/// <param name="Allowed">Whether the call may be made now.</param>
/// <param name="NextAllowedUs">What to store; unchanged when refused, so refused calls cost nothing.</param>
/// <param name="RetryAfter">How long until the same call would be allowed; zero when it is.</param>
internal readonly record struct RateDecision(bool Allowed, long NextAllowedUs, TimeSpan RetryAfter);

/// <summary>
/// The calls a minute of a key and its grants, smoothed (GCRA): one stored instant instead of a window of counts. Calls are due one
/// interval apart and may come early by a quarter of a minute's worth, so a few at once are fine and any minute
/// has at most the limit plus a quarter.
/// </summary>
internal static class RequestRate
{
    public const int MaxPerMinute = 1_000_000;

    private const long MinuteUs = 60_000_000;

    /// <summary>How many calls may come at once after a pause.</summary>
    public static int Burst(int perMinute) => (perMinute + 3) / 4;

    public static long NowUs(DateTimeOffset now) => (now.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static Problem? Check(Submit submit, in CallerBooks books, DateTimeOffset now) =>
        submit.Caller.Limits.RequestsPerMinute is { } perMinute && Next(submit, books, now) is { Allowed: false } decision
            ? Problems.RateLimited.With($"Rate limit exceeded. Limit: {perMinute}/minute for {Whose(submit.Caller)}.") with
            {
                RetryAfter = decision.RetryAfter,
            }
            : null;

    private static string Whose(Caller caller) =>
        caller.Granter is null ? "this API key" : "the API key that granted this access, with all its programs";

    /// <summary>A submit of several requests is one call; a key without a rate may always call.</summary>
    public static RateDecision Next(Submit submit, in CallerBooks books, DateTimeOffset now) =>
        !submit.IsCounted && submit.Caller.Limits.RequestsPerMinute is { } perMinute
            ? Next(NowUs(now), books.Key.NextAllowedMicroseconds, perMinute)
            : new RateDecision(true, books.Key.NextAllowedMicroseconds, TimeSpan.Zero);

    public static RateDecision Next(long nowUs, long nextAllowedUs, int perMinute)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perMinute);

        // Rounded up: the rate is never exceeded by rounding.
        var interval = (MinuteUs + perMinute - 1) / perMinute;
        var tolerance = interval * (Burst(perMinute) - 1);

        // A stored instant further ahead than this rate can produce came from another limit or a clock that went back.
        var due = Math.Min(Math.Max(nowUs, nextAllowedUs), nowUs + tolerance + interval);
        var early = due - tolerance - nowUs;
        return early > 0
            ? new RateDecision(false, nextAllowedUs, TimeSpan.FromMicroseconds(early))
            : new RateDecision(true, due + interval, TimeSpan.Zero);
    }
}
