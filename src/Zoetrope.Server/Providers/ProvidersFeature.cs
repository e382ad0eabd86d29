using System.Collections.Immutable;
using Zoetrope.Server.Providers.ComfyUi;
using Zoetrope.Server.Providers.VicSee;

namespace Zoetrope.Server.Providers;

/// <summary>The provider seam: every vendor that the server can call is one line of <see cref="Vendors"/>.</summary>
internal static class ProvidersFeature
{
    /// <summary>All vendors, configured or not.</summary>
    public static readonly ImmutableArray<ProviderRegistration> Vendors =
    [
        new(ComfyUiAdapter.Vendor, static (tools, services) => new ComfyUiAdapter(tools, services.GetRequiredService<WorkflowFolder>())),
        new(VicSeeAdapter.Vendor, static (tools, _) => new VicSeeAdapter(tools)),
    ];

    public static IServiceCollection AddProviders(this IServiceCollection services, ProvidersOptions options, string dataDirectory) => services
        .AddSingleton(options)
        .AddSingleton<ProviderCallbacks>()
        .AddSingleton(provider => new ResultShelf(dataDirectory, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<ProviderToolbox>()
        .AddSingleton<ProviderRegistry>();
}
