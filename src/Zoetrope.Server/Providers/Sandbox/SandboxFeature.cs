using Microsoft.Extensions.DependencyInjection.Extensions;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Providers.Sandbox;

/// <summary>The front door of the sandbox provider.</summary>
internal static class SandboxFeature
{
    public static IServiceCollection AddSandbox(this IServiceCollection services, SandboxOptions options, string dataDirectory)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ProviderCallbacks>();
        services.AddSingleton(options);
        services.AddSingleton<SandboxJobs>();
        services.AddSingleton(provider => new SandboxFiles(
            provider.GetRequiredService<StoredFiles>(), dataDirectory, provider.GetRequiredService<SandboxJobs>()));
        services.AddSingleton<SandboxRender>();
        services.AddWorker<SandboxRenderers>();
        services.AddSingleton<SandboxVendor>();
        services.AddSingleton(static provider => new Lazy<SandboxVendor>(provider.GetRequiredService<SandboxVendor>));
        services.AddSingleton<SandboxAdapter>();
        services.AddSingleton<IProviderAdapter>(static provider => provider.GetRequiredService<SandboxAdapter>());
        services.AddSingleton<IRetention, SandboxRetention>();
        return services;
    }
}
