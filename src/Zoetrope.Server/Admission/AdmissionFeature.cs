using Zoetrope.Server.Admission.Inputs;

namespace Zoetrope.Server.Admission;

/// <summary>Registers input resolution; it needs <c>AddEgress</c>, <c>AddArtifacts</c> and <c>AddStorage</c>.</summary>
internal static class InputResolverFeature
{
    public static IServiceCollection AddInputResolver(this IServiceCollection services)
    {
        services.AddSingleton<InputSource>();
        services.AddSingleton<InputResolver>();
        return services;
    }
}
