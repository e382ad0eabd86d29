using Microsoft.Extensions.DependencyInjection.Extensions;
using Zoetrope.Server.Artifacts.Media;
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

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<IArtifactStore>(provider =>
            new FileArtifactStore(options.DataDirectory, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<MediaProcess>();
        services.AddSingleton<PictureWorkers>();
        services.AddSingleton<MediaProber>();
        services.AddSingleton<OutputCheck>();
        services.AddSingleton<HeicDecoder>();
        services.AddSingleton<InputConverter>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<SignedUrls>();
        services.AddSingleton<ArtifactRecords>();
        services.AddSingleton<ArtifactIngest>();
        services.AddSingleton<FreeSpace>();
        services.AddSingleton<StoredBytes>();
        services.AddSingleton<IRetention>(static provider => provider.GetRequiredService<StoredBytes>());
        services.AddSingleton<UnusedFiles>();
        services.AddSingleton<IRetention>(static provider => provider.GetRequiredService<UnusedFiles>());
        services.AddSingleton<UploadBytes>();
        services.AddSingleton<UploadRecords>();
        services.AddSingleton<Uploads>();
        services.AddSingleton<OwnFiles>();
        services.AddSingleton<Thumbnails>();
        services.AddWorker<ArtifactRetention>();
        services.AddSingleton<IRetention, DeletedArtifacts>();
        services.AddSingleton<IRetention, ExpiredUploads>();
        return services;
    }
}
