namespace Zoetrope.Server.Artifacts.S3;

/// <summary>What the last call to the bucket showed.</summary>
internal sealed class BucketHealth(TimeProvider time)
{
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BadFor = TimeSpan.FromSeconds(2);
    private readonly Lock _lock = new();
    private (bool Good, long At)? _last;

    /// <summary>Whether it answered; null if that is too long ago to say.</summary>
    public bool? Known
    {
        get
        {
            lock (_lock)
            {
                return _last is { } last && time.GetElapsedTime(last.At) < (last.Good ? GoodFor : BadFor) ? last.Good : null;
            }
        }
    }

    public void Answered() => Set(true);

    public void Failed() => Set(false);

    private void Set(bool good)
    {
        lock (_lock)
        {
            _last = (good, time.GetTimestamp());
        }
    }
}
