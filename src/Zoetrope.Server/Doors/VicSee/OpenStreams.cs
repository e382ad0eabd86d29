using System.ComponentModel.DataAnnotations;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary>Section <c>Zoetrope:Streams</c>.</summary>
internal sealed class StreamOptions
{
    /// <summary>Event streams that one API key and its grants may hold open on this server.</summary>
    [Range(1, 100_000)]
    public int MaxPerKey { get; init; } = 100;

    /// <summary>Event streams of all keys on this server.</summary>
    [Range(1, 1_000_000)]
    public int MaxOpen { get; init; } = 5_000;

    /// <summary>A comment is sent after this much silence.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A reader that has not read what was sent for this long is disconnected.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Counts the open event streams and refuses one too many.</summary>
internal sealed class OpenStreams(StreamOptions options)
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, int> _perKey = new(StringComparer.Ordinal);
    private int _open;

    public Problem? Open(string keyId)
    {
        lock (_perKey)
        {
            if (_open >= options.MaxOpen)
            {
                return Problems.Unavailable.With(
                    "This server has reached its limit of open event streams. Try again later, or poll with ?wait=.") with
                { RetryAfter = Later };
            }

            var open = _perKey.GetValueOrDefault(keyId);
            if (open >= options.MaxPerKey)
            {
                return Problems.TooManyStreams.With(
                    "This key has reached its limit of open event streams. Close one, or follow all tasks with one stream of "
                    + "/api/v1/events.", given: $"{open + 1}", allowed: $"{options.MaxPerKey}") with { RetryAfter = Later };
            }

            _perKey[keyId] = open + 1;
            _open++;
            return null;
        }
    }

    public void Close(string keyId)
    {
        lock (_perKey)
        {
            _open--;
            if (--_perKey[keyId] == 0)
            {
                _perKey.Remove(keyId);
            }
        }
    }
}
