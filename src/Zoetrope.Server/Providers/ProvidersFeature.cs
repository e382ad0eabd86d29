namespace Zoetrope.Server.Providers;

/// <summary>The provider seam: who is configured. Each vendor's folder registers its own adapter.</summary>
internal static class ProvidersFeature
{
    public static IServiceCollection AddProviders(this IServiceCollection services, ProvidersOptions options) => services
        .AddSingleton(options)
        .AddSingleton<ProviderCallbacks>()
        .AddSingleton<ProviderRegistry>();
}
