using System.Collections.Immutable;
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

/// <summary>The provider seam: every vendor that the server can call is one line of <see cref="Vendors"/>.</summary>
internal static class ProvidersFeature
{
    /// <summary>All vendors, configured or not.</summary>
    public static readonly ImmutableArray<ProviderRegistration> Vendors =
    [
        new(ArkAdapter.Vendor, static (tools, _) => new ArkAdapter(tools)),
        new(BflAdapter.Vendor, static (tools, _) => new BflAdapter(tools)),
        new(ComfyUiAdapter.Vendor, static (tools, services) => new ComfyUiAdapter(tools, services.GetRequiredService<WorkflowFolder>())),
        new(FalAdapter.Vendor, static (tools, services) => new FalAdapter(tools, services.GetRequiredService<FalOptions>())),
        new(GeminiAdapter.Vendor, static (tools, _) => new GeminiAdapter(tools)),
        new(KlingAdapter.Vendor, static (tools, _) => new KlingAdapter(tools)),
        new(MiniMaxAdapter.Vendor, static (tools, _) => new MiniMaxAdapter(tools)),
        new(OpenAiAdapter.Vendor, static (tools, _) => new OpenAiAdapter(tools)),
        new(ReplicateAdapter.Vendor, static (tools, _) => new ReplicateAdapter(tools)),
        new(VertexAdapter.Vendor, static (tools, services) => new VertexAdapter(tools, services.GetRequiredService<VertexOptions>())),
        new(VicSeeAdapter.Vendor, static (tools, _) => new VicSeeAdapter(tools)),
    ];

    public static IServiceCollection AddProviders(this IServiceCollection services, ProvidersOptions options, string dataDirectory) => services
        .AddSingleton(options)
        .AddSingleton<ProviderCallbacks>()
        .AddSingleton(provider => new ResultShelf(dataDirectory, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<ProviderToolbox>()
        .AddSingleton<ProviderRegistry>();
}
