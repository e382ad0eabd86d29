using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Usage;

/// <summary>What was spent on what: counted behind the event log.</summary>
internal static class UsageFeature
{
    public static IServiceCollection AddUsage(this IServiceCollection services) => services
        .AddSingleton<UsageBooks>()
        .AddSingleton<UsageReads>()
        .AddSingleton<IRetention, UsageHoursRetention>()
        .AddWorker<UsageProjector>();
}
