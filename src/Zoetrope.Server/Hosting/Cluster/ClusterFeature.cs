using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting.Cluster;

/// <summary>What a server does as one of the nodes of its database.</summary>
internal static class ClusterFeature
{
    public static IServiceCollection AddCluster(this IServiceCollection services, DatabaseOptions database, Settings settings)
    {
        services.AddSingleton(new NodeDuties(NodeRolesText.Read(settings.Bind<RootOptions>("").Roles)!.Value));
        services.AddSingleton(settings.Bind<ClusterOptions>("Cluster"));
        services.AddSingleton(settings.Bind<SecretsOptions>("Secrets"));
        services.AddSingleton<JoinedNode>().AddSingleton(static provider => provider.GetRequiredService<JoinedNode>().Node);
        return database.ConnectionString.Length == 0
            ? services
            : services.AddSingleton(_ => new SettingsPrint(settings.Print()))
                .AddSingleton<NodeBeat>()
                .AddHostedService(static provider => provider.GetRequiredService<NodeBeat>());
    }
}
