using System.Collections.Concurrent;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Artifacts;

/// <summary>
/// Files that were stored for a request which was then refused. They go after an hour, unless somebody else uses the same bytes
/// by then. A crash forgets the list; then the sweep of files that no row names finds them, a day later.
/// </summary>
internal sealed class UnusedFiles(StoredFiles files, TimeProvider time) : IRetention
{
    private const int AtOnce = 200;

    /// <summary>Longer than any request takes between its file and its row.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private readonly ConcurrentQueue<(ArtifactKey Key, DateTimeOffset At)> _files = new();

    public string Table => "files of refused requests";

    public bool IsOwn => true;

    public TimeSpan Every => TimeSpan.FromMinutes(5);

    public void Add(IEnumerable<ArtifactKey> keys)
    {
        var now = time.GetUtcNow();
        foreach (var key in keys)
        {
            _files.Enqueue((key, now));
        }
    }

    public async Task<int> DeleteSomeAsync()
    {
        var oldest = time.GetUtcNow() - Kept;
        var done = 0;
        while (done < AtOnce && _files.TryPeek(out var next) && next.At <= oldest && _files.TryDequeue(out next))
        {
            done++;
            await files.DeleteAsync(next.Key, oldest, CancellationToken.None);
        }

        return done;
    }
}
