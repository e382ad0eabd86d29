using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Zoetrope.Server.Providers.Sandbox;

/// <summary>The front door of the sandbox provider.</summary>
internal static class SandboxFeature
{
    public static IServiceCollection AddSandbox(this IServiceCollection services, SandboxOptions options, string dataDirectory)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ProviderCallbacks>();
        services.AddSingleton(options);
        services.AddSingleton(provider => new SandboxJobs(dataDirectory, provider.GetRequiredService<TimeProvider>(), options));
        services.AddSingleton(provider => new SandboxRenderQueue(options, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SandboxAdapter>();
        services.AddSingleton<IProviderAdapter>(static provider => provider.GetRequiredService<SandboxAdapter>());
        return services;
    }
}
