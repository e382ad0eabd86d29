using System.Data.Common;
using Zoetrope.Server.Artifacts.S3;
using Zoetrope.Server.Hosting.Cluster;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting;

/// <summary>What must be true before this server should be sent work.</summary>
/// <param name="Database">A write was durable.</param>
/// <param name="Silo">This silo is an active member of its cluster.</param>
/// <param name="Ffmpeg">ffmpeg and ffprobe are installed.</param>
/// <param name="Artifacts">The bucket answers. Without it, results wait and tasks go on, so a node is ready all the same.</param>
internal sealed record ReadinessAnswer(bool Database, bool Silo, bool Ffmpeg, bool Artifacts)
{
    public bool Ready => Database && Silo && Ffmpeg;
}

/// <summary>Asks at most once a second, however often load balancers do.</summary>
internal sealed class Readiness(
    Database database, ISiloStatusOracle silo, IEnumerable<Bucket> buckets, TimeProvider time, NodeBeat? beat = null)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private readonly SemaphoreSlim _gate = new(1);
    private (ReadinessAnswer Answer, long At)? _last;

    public async Task<ReadinessAnswer> AskAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (_last is not { } last || time.GetElapsedTime(last.At) >= Fresh)
            {
                var answer = new ReadinessAnswer(
                    await CanWriteAsync(),
                    silo.CurrentStatus == SiloStatus.Active,
                    IsInstalled("ffmpeg") && IsInstalled("ffprobe"),
                    await IsReachedAsync());
                _last = last = (answer, time.GetTimestamp());
            }

            return last.Answer;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<bool> CanWriteAsync()
    {
        try
        {
            // A node's sign of life is a write, and one that must go on anyway.
            await (beat?.BeatAsync() ?? database.InTransactionAsync(WriteAsync)).WaitAsync(Patience, time);
            return true;
        }
        catch (Exception exception) when (exception is DbException or TimeoutException or InvalidOperationException)
        {
            return false;
        }
    }

    private async Task<bool> IsReachedAsync()
    {
        try
        {
            return buckets.FirstOrDefault() is not { } bucket || await bucket.IsReachedAsync().WaitAsync(Fresh, time);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    // user_version is unused by the schema; setting it writes a page, which an idle transaction would not.
    private static Task WriteAsync(Tx tx) => tx.ExecuteAsync("pragma user_version = 1");

    private static bool IsInstalled(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(directory => File.Exists(Path.Combine(directory, program)));
}
