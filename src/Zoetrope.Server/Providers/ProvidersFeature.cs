using System.Runtime.CompilerServices;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers.Ark;
using Zoetrope.Server.Providers.Bfl;
using Zoetrope.Server.Providers.Calls;
using Zoetrope.Server.Providers.ComfyUi;
using Zoetrope.Server.Providers.Fal;
using Zoetrope.Server.Providers.Gemini;
using Zoetrope.Server.Providers.Kling;
using Zoetrope.Server.Providers.MiniMax;
using Zoetrope.Server.Providers.OpenAi;
using Zoetrope.Server.Providers.Replicate;
using Zoetrope.Server.Providers.Vertex;
using Zoetrope.Server.Providers.VicSee;

namespace Zoetrope.Server.Providers;

/// <summary>The provider seam. A vendor is its folder and its line in <see cref="Vendors"/>.</summary>
internal static class ProvidersFeature
{
    /// <summary>All vendors that the server ships, configured or not.</summary>
    public static IReadOnlyList<VendorRegistration> Vendors { get; } = new VendorList()
        .AddArk()
        .AddBfl()
        .AddComfyUi()
        .AddFal()
        .AddGemini()
        .AddKling()
        .AddMiniMax()
        .AddOpenAi()
        .AddReplicate()
        .AddVertex()
        .AddVicSee()
        .All;

    // The catalogue does not see the providers, and its file, its check and its schema need only this of them.
    [ModuleInitializer]
    internal static void NameProviders() => RouteSpec.KnownProviders = ForRoutes(Vendors);

    /// <summary>The providers that a route of the catalogue may use.</summary>
    public static IReadOnlyList<RouteProvider> ForRoutes(IReadOnlyList<VendorRegistration> vendors) =>
        [.. vendors.Select(vendor => new RouteProvider(vendor.Profile.Name, vendor.Profile.Extras))];

    public static IServiceCollection AddProviders(
        this IServiceCollection services, IReadOnlyList<VendorRegistration> vendors, OptionsBinder bind, string dataDirectory)
    {
        foreach (var vendor in vendors)
        {
            services.AddSingleton(new Vendor(vendor.Profile, vendor.Bind(bind)));
        }

        return services
            .AddSingleton((ProvidersOptions)bind(typeof(ProvidersOptions), "Providers"))
            .AddSingleton<ProviderCallbacks>()
            .AddSingleton(provider => new ResultShelf(dataDirectory, provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<ProviderToolbox>()
            .AddSingleton<ProviderRegistry>();
    }
}
