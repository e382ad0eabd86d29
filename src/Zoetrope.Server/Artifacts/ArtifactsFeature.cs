using Microsoft.Extensions.DependencyInjection.Extensions;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Server.Artifacts.S3;
using Zoetrope.Server.Artifacts.Stores;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Artifacts;

/// <summary>Where results and inputs live.</summary>
internal static class ArtifactsFeature
{
    public static IServiceCollection AddArtifacts(this IServiceCollection services, ArtifactOptions options)
    {
        if (options.ResultUrlLifetime <= TimeSpan.Zero || options.ResultUrlLifetime > ArtifactOptions.MaxUrlLifetime)
        {
            throw new ArgumentException("Zoetrope:Artifacts:ResultUrlLifetime must be positive and at most seven days.", nameof(options));
        }

        if (options.Decode is not (ArtifactOptions.DecodeNeeded or ArtifactOptions.DecodeAll))
        {
            throw new ArgumentException(
                $"Zoetrope__Artifacts__Decode: It is '{options.Decode}'. It may be needed or all.", nameof(options));
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddStores(options);
        services.AddSingleton<MediaProcess>();
        services.AddSingleton<PictureWorkers>();
        services.AddSingleton<MediaProber>();
        services.AddSingleton<OutputCheck>();
        services.AddSingleton<HeicDecoder>();
        services.AddSingleton<InputConverter>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton(static provider => new SecretHolder(
            SigningKeys.Secret.Name, () => provider.GetRequiredService<SigningKeys>().Reload()));
        services.AddSingleton<SignedUrls>();
        services.AddSingleton<ArtifactRecords>();
        services.AddSingleton<ArtifactIngest>();
        services.AddSingleton<ResultIngest>(static provider => provider.GetRequiredService<ArtifactIngest>().IngestAsync);
        services.AddSingleton<FreeSpace>();
        services.AddSingleton<StoredBytes>();
        services.AddSingleton<IRetention>(static provider => provider.GetRequiredService<StoredBytes>());
        services.AddSingleton<UnusedFiles>();
        services.AddSingleton<IRetention>(static provider => provider.GetRequiredService<UnusedFiles>());
        services.AddSingleton<UploadBytes>();
        services.AddSingleton<UploadRecords>();
        services.AddSingleton<Uploads>();
        services.AddSingleton<OwnFiles>();
        services.AddSingleton<Posters>();
        services.AddSingleton<Thumbnails>();
        services.AddSingleton<ArtifactSweep>();
        services.AddWorker<ArtifactRetention>();
        services.AddSingleton<IRetention, DeletedArtifacts>();
        services.AddSingleton<IRetention, ExpiredUploads>();
        return services;
    }

    // The places in the order in which they are asked; new files go to the first.
    private static void AddStores(this IServiceCollection services, ArtifactOptions options)
    {
        options.S3.Check();
        if (options.Place is not ("" or PlaceWords.Disk or PlaceWords.S3) || (options.Place == PlaceWords.S3 && !options.S3.IsUsed))
        {
            throw new ArgumentException(
                $"Zoetrope__Artifacts__Place: It is '{options.Place}'. It may be disk, s3 if a bucket is set, or empty.", nameof(options));
        }

        if (options.S3.IsUsed)
        {
            services.AddSingleton(options.S3);
            services.AddSingleton<Bucket>();
            services.AddSingleton<FileCache>();
            services.AddSingleton(provider => new S3ArtifactStore(
                provider.GetRequiredService<Bucket>(), options, provider.GetService<FileCache>()));
        }

        services.AddSingleton<DirectReads>();
        services.AddSingleton<DirectUploads>();
        services.AddSingleton<BlobRecords>();
        services.AddSingleton<StoreWalk>();
        services.AddSingleton<StoreMove>();
        services.AddSingleton(provider =>
        {
            List<IArtifactStore> places = [new FileArtifactStore(options.DataDirectory)];
            if (provider.GetService<S3ArtifactStore>() is { } bucket)
            {
                places.Insert(options.FirstPlace == PlaceWords.S3 ? 0 : 1, bucket);
            }

            return new StoredFiles(places, provider.GetRequiredService<BlobRecords>(), provider.GetRequiredService<TimeProvider>());
        });
    }
}
