using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Zoetrope.Tests.Fixtures;

/// <summary>
/// A test's clock is for our code only. Orleans takes its time from the same container and would find its own last sign of life
/// days old, declare the silo dead and end the process (docs/decisions/0017). So everything that Orleans registered is made by a
/// container that knows only the machine's clock; grains are ours and are still made by the real one.
/// </summary>
internal static class SystemTimeForOrleans
{
    public static IServiceCollection KeepOrleansOnSystemTime(this IServiceCollection services)
    {
        for (var i = 0; i < services.Count; i++)
        {
            services[i] = OnSystemTime(services[i]);
        }

        return services;
    }

    public static bool IsOrleans(Assembly assembly) => assembly.GetName().Name!.StartsWith("Orleans.", StringComparison.Ordinal);

    private static ServiceDescriptor OnSystemTime(ServiceDescriptor found)
    {
        if (found.IsKeyedService)
        {
            return found.KeyedImplementationFactory is { } keyed && IsOrleans(keyed.Method.Module.Assembly)
                ? new ServiceDescriptor(found.ServiceType, found.ServiceKey, (services, key) => keyed(new Services(services), key), found.Lifetime)
                : found;
        }

        if (found.ImplementationFactory is { } factory && IsOrleans(factory.Method.Module.Assembly))
        {
            return new ServiceDescriptor(found.ServiceType, services => factory(new Services(services)), found.Lifetime);
        }

        // An open generic cannot have a factory; none of Orleans' takes a clock.
        return found.ImplementationType is { IsGenericTypeDefinition: false } type && IsOrleans(type.Assembly)
            ? new ServiceDescriptor(found.ServiceType, services => ActivatorUtilities.CreateInstance(new Services(services), type), found.Lifetime)
            : found;
    }

    private sealed class Services(IServiceProvider all) : IKeyedServiceProvider
    {
        public object? GetService(Type type) =>
            type == typeof(TimeProvider) ? TimeProvider.System : type == typeof(IServiceProvider) ? this : all.GetService(type);

        public object? GetKeyedService(Type type, object? key) => all.GetKeyedService(type, key);

        public object GetRequiredKeyedService(Type type, object? key) => all.GetRequiredKeyedService(type, key);
    }
}
