using Zoetrope.Server.Egress;

namespace Zoetrope.Server.Providers;

/// <summary>The provider seam: every vendor that the server can call is one line here.</summary>
internal static class ProvidersFeature
{
    public static IServiceCollection AddProviders(this IServiceCollection services, ProvidersOptions options, string dataDirectory) => services
        .AddSingleton(options)
        .AddSingleton<ProviderCallbacks>()
        .AddSingleton(provider => new ResultShelf(dataDirectory, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<ProviderToolbox>()
        .AddSingleton<ProviderRegistry>();

    private static IServiceCollection AddVendor(this IServiceCollection services, ProviderProfile profile, Func<ProviderTools, IProviderAdapter> create) =>
        services.AddSingleton(new ProviderRegistration(profile, create));
}
