using System.Globalization;

namespace Zoetrope.Server.Providers.Calls;

/// <summary>
/// What a vendor signs its callbacks with: kept for a day, read again when none fits, because vendors change them, and once a
/// minute at most, because anybody can send what fits none.
/// </summary>
/// <param name="read">Asks the vendor; an empty list if it does not answer.</param>
/// <param name="time">The clock.</param>
internal sealed class SigningSecrets(Func<CancellationToken, Task<IReadOnlyList<byte[]>>> read, TimeProvider time)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim _reading = new(1, 1);
    private Known _known = new([], DateTimeOffset.MinValue);
    private DateTimeOffset _triedAt = DateTimeOffset.MinValue;

    /// <summary>Whether a signed time, in Unix seconds, is near enough to now: an older call may be a recording.</summary>
    public bool IsNow(string timestamp) =>
        long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && Math.Abs(time.GetUtcNow().ToUnixTimeSeconds() - (double)seconds) <= Tolerance.TotalSeconds;

    /// <summary>Whether one of the vendor's secrets made the signature.</summary>
    public async Task<bool> AnyAsync(Func<byte[], bool> made, CancellationToken cancellationToken)
    {
        var known = Volatile.Read(ref _known);
        if (time.GetUtcNow() - known.ReadAt < Kept && known.Secrets.Any(made))
        {
            return true;
        }

        var fresh = await ReadAsync(known, cancellationToken);
        return fresh != known && fresh.Secrets.Any(made);
    }

    private async Task<Known> ReadAsync(Known known, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            if (_known == known && now - _triedAt >= Pause)
            {
                _triedAt = now;
                if (await read(cancellationToken) is { Count: > 0 } secrets)
                {
                    Volatile.Write(ref _known, new Known(secrets, now));
                }
            }

            return _known;
        }
        finally
        {
            _reading.Release();
        }
    }

    private sealed record Known(IReadOnlyList<byte[]> Secrets, DateTimeOffset ReadAt);
}
