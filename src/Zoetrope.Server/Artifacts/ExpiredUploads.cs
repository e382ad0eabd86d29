using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Artifacts;

/// <summary>Forgets the rows of uploads that have expired.</summary>
internal sealed class ExpiredUploads(UploadRecords uploads) : IRetention
{
    public string Table => "uploads";

    public TimeSpan Every => TimeSpan.FromMinutes(10);

    public Task<int> DeleteSomeAsync() => uploads.ForgetExpiredAsync(500);
}
