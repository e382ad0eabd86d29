using System.Collections.Concurrent;
using Zoetrope.Server.Catalog.Listing;
using Zoetrope.Server.Catalog.Loading;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog;

/// <summary>Registers the catalogue. A broken operator file stops the process here, with everything that is wrong.</summary>
internal static class CatalogFeature
{
    // Without an operator's file, every server of a process that knows the same providers has the same catalogue.
    private static readonly ConcurrentDictionary<string, ModelCatalog> Embedded = new(StringComparer.Ordinal);

    /// <param name="services">Where to.</param>
    /// <param name="options">Bound by the caller.</param>
    /// <param name="available">Whether a provider of the model is configured; null says yes to every model.</param>
    public static IServiceCollection AddCatalog(
        this IServiceCollection services,
        CatalogOptions options,
        Func<IServiceProvider, Func<ModelSpec, bool>>? available = null)
    {
        // Read while the rest of the server is put together; whoever needs it first waits for it, and learns of its errors.
        var loading = new Lazy<ModelCatalog>(() => LoadOrThrow(options));
        _ = Task.Run(() => loading.Value);
        services.AddSingleton(options);
        services.AddSingleton(_ => new CatalogHolder(loading.Value));
        services.AddSingleton(provider => new CatalogListing(
            provider.GetRequiredService<CatalogHolder>(), available?.Invoke(provider) ?? (static _ => true)));
        services.AddHostedService<CatalogWatcher>();
        services.AddSingleton<SharedCatalog>().AddHostedService(static provider => provider.GetRequiredService<SharedCatalog>());
        return services;
    }

    private static ModelCatalog LoadOrThrow(CatalogOptions options) => options.File.Length > 0
        ? LoadOrThrow(File.ReadAllBytes(options.File), options)
        : Embedded.GetOrAdd(
            string.Join(' ', options.Providers?.Select(static provider => provider.Name) ?? []),
            static (_, options) => LoadOrThrow(null, options),
            options);

    private static ModelCatalog LoadOrThrow(byte[]? file, CatalogOptions options)
    {
        var (catalog, errors) = CatalogLoader.Load(file, options.Providers);
        return catalog ?? throw new InvalidOperationException(
            $"The catalogue cannot be served:{Environment.NewLine}{string.Join(Environment.NewLine, errors)}");
    }
}
