using System.Data.Common;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Media;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>Public URLs of input files, for vendors that fetch them.</summary>
internal sealed class InputUrls(ArtifactRecords records, StoredFiles store, SignedUrls urls, PublicAddress address)
{
    private static readonly TimeSpan VendorUrlLifetime = TimeSpan.FromDays(1);

    /// <summary>Whether a vendor can reach this server.</summary>
    public bool CanPublish => address.Url is not null;

    /// <summary>A converted file gets its own row for as long as its URL is valid: what is read by URL is found by its row.</summary>
    public async Task<Uri?> OfAsync(Generation generation, GenerationInput input, FittedImage file)
    {
        try
        {
            return await MakeAsync(generation, input, file);
        }
        catch (Exception exception) when (exception is IOException or DbException)
        {
            // It is asked for just before the paid call, where an exception would count as a lost answer. Without a URL the
            // vendor gets the bytes, or refuses.
            return null;
        }
    }

    private async Task<Uri?> MakeAsync(Generation generation, GenerationInput input, FittedImage file)
    {
        if (!file.Converted)
        {
            return await records.FindAsync(generation.AccountId, input.ArtifactId) is { } stored
                ? urls.ForArtifact(stored, lifetime: VendorUrlLifetime)
                : null;
        }

        var copy = file.Path + Guid.NewGuid().ToString("n");
        File.Copy(file.Path, copy);
        var probe = new MediaHeader(file.ContentType)
            .ToProbe(new FileInfo(copy).Length, await TemporaryFiles.HashAsync(copy, CancellationToken.None));
        var artifact = records.NewFor(generation.AccountId, generation.Mode, ArtifactRole.Input, probe, VendorUrlLifetime);
        await store.PutAsync(artifact.Key, copy, CancellationToken.None);
        await records.InsertAsync([artifact]);
        return urls.ForArtifact(artifact, lifetime: VendorUrlLifetime);
    }
}
