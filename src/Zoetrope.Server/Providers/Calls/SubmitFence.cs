namespace Zoetrope.Server.Providers.Calls;

/// <summary>
/// How long this process may still begin to send a paid call. After that the call's lease may have ended, and somebody else may
/// have proven that the vendor has no such job, and submitted it again: whoever was frozen meanwhile sends nothing.
/// </summary>
internal sealed class SubmitFence(TimeProvider time)
{
    private static readonly AsyncLocal<SubmitFence?> Around = new();

    private Until? _until;

    /// <summary>The fence around what runs now; null where nobody else could take the call over.</summary>
    public static SubmitFence? Current
    {
        get => Around.Value;
        set => Around.Value = value;
    }

    public bool HasPassed => Volatile.Read(ref _until) is not { } until || IsOver(until);

    /// <summary>The moment from which a lease counts; take it before the lease is asked for.</summary>
    public Moment Now() => new(time.GetTimestamp(), time.GetUtcNow());

    /// <summary>
    /// The lease was had, and counts from then at the earliest. A fence that has passed is not moved on: a lease that ran out can be
    /// had again, but somebody may have looked for the job in between.
    /// </summary>
    public void Extend(Moment asked, TimeSpan lease)
    {
        if (Volatile.Read(ref _until) is { } before && IsOver(before))
        {
            return;
        }

        // What has begun to leave must be at the vendor before anybody looks for it there.
        var margin = lease / 6;
        Volatile.Write(ref _until, new Until(asked.Timestamp, asked.Utc, lease - margin));
    }

    // By both clocks, because each can stand still for a machine that slept or was moved.
    private bool IsOver(Until until) =>
        time.GetElapsedTime(until.Since) >= until.Lasts || time.GetUtcNow() - until.SinceUtc >= until.Lasts;

    internal readonly record struct Moment(long Timestamp, DateTimeOffset Utc);

    private sealed record Until(long Since, DateTimeOffset SinceUtc, TimeSpan Lasts);
}

/// <summary>A paid call was not sent because its lease had run out.</summary>
internal sealed class FencedSubmitException()
    : InvalidOperationException("The node was held up for so long that another may have taken the call over; nothing was sent.");
