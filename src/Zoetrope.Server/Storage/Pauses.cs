namespace Zoetrope.Server.Storage;

/// <summary>
/// The pauses between two tries while the database is away: long enough to leave it alone, short enough that what waits is
/// written as soon as it is back.
/// </summary>
internal sealed class Pauses(TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);
    private TimeSpan _next = First;

    public Task NextAsync(CancellationToken cancellationToken = default)
    {
        var pause = _next;
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        return Task.Delay(pause, time, cancellationToken);
    }
}
