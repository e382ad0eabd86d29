namespace Zoetrope.Server.Artifacts;

/// <summary>
/// Whether the disk has room for what customers send. Below the floor their files are refused, so that what was paid for can
/// still be stored, and the database can still be written.
/// </summary>
internal sealed class FreeSpace(ArtifactOptions options, TimeProvider time)
{
    private static readonly TimeSpan Known = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);

    private static readonly Problem Full = Problems.Unavailable.With(
        "The server's disk is nearly full, so it stores no more files. Try again later.") with { RetryAfter = RetryAfter };

    private readonly Lock _lock = new();
    private long _readAt;
    private Problem? _refusal;

    /// <summary>The refusal of a file, wherever it comes from; null while there is room.</summary>
    public Problem? Refusal()
    {
        if (options.MinFreeMegabytes == 0)
        {
            return null;
        }

        lock (_lock)
        {
            if (_readAt == 0 || time.GetElapsedTime(_readAt) >= Known)
            {
                _readAt = time.GetTimestamp();
                var free = new DriveInfo(Path.GetFullPath(options.DataDirectory)).AvailableFreeSpace;
                _refusal = free < options.MinFreeMegabytes * 1024L * 1024 ? Full : null;
            }

            return _refusal;
        }
    }
}
