using Zoetrope.Server.Artifacts.S3;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Artifacts;

/// <summary>Forgets the rows of uploads that have expired.</summary>
internal sealed class ExpiredUploads(UploadRecords uploads, DirectUploads direct) : IRetention
{
    public string Table => "uploads";

    public TimeSpan Every => TimeSpan.FromMinutes(10);

    /// <summary>What a crash leaves in the bucket here goes by the bucket's lifecycle rule.</summary>
    public async Task<int> DeleteSomeAsync()
    {
        var (forgotten, unused) = await uploads.ForgetExpiredAsync(500);
        foreach (var key in unused)
        {
            await direct.DeleteAsync(key, CancellationToken.None);
        }

        return forgotten;
    }
}
