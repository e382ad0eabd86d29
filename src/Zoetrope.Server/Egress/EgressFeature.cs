using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Zoetrope.Server.Egress;

/// <summary>Registers the only way out.</summary>
internal static class EgressFeature
{
    public static IServiceCollection AddEgress(this IServiceCollection services, EgressOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(EgressNetwork.System);
        services.AddSingleton(options);
        services.AddSingleton<EgressClient>();
        return services;
    }
}
