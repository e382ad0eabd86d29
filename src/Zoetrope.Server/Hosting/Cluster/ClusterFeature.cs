using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting.Cluster;

/// <summary>What a server does as one of the nodes of its database.</summary>
internal static class ClusterFeature
{
    public static IServiceCollection AddCluster(
        this IServiceCollection services, DatabaseOptions database, Settings settings, string dataDirectory)
    {
        services.AddSingleton(provider => SecretsOf(provider, database, settings, dataDirectory));
        services.AddSingleton(new NodeDuties(NodeRolesText.Read(settings.Bind<RootOptions>("").Roles)!.Value));
        services.AddSingleton(settings.Bind<ClusterOptions>("Cluster"));
        services.AddSingleton(settings.Bind<SecretsOptions>("Secrets"));
        services.AddSingleton(static provider =>
            new SecretHolder(SiloCertificate.Secret.Name, () => provider.GetRequiredService<SiloCertificate>().Reload()));
        services.AddSingleton<SecretWatch>().AddHostedService(static provider => provider.GetRequiredService<SecretWatch>());
        services.AddSingleton<JoinedNode>().AddSingleton(static provider => provider.GetRequiredService<JoinedNode>().Node);
        return database.ConnectionString.Length == 0
            ? services
            : services.AddSingleton(_ => new SettingsPrint(settings.Print()))
                .AddSingleton<NodeFacts>()
                .AddSingleton<NodeBeat>()
                .AddHostedService(static provider => provider.GetRequiredService<NodeBeat>());
    }

    /// <summary>Finds this server's place among the nodes of its database. The schema is there; the silo has not started.</summary>
    public static async Task JoinAsync(this WebApplication app, DatabaseOptions options, string dataDirectory)
    {
        var services = app.Services;
        var roles = services.GetRequiredService<NodeDuties>().Roles;
        var join = services.GetRequiredService<JoinedNode>();
        if (options.ConnectionString.Length == 0)
        {
            if (roles is not (NodeRoles.Api | NodeRoles.Worker))
            {
                throw StartException.BadSetting("Roles", "With SQLite there is one node, which has both roles: api,worker.");
            }

            join.Node = Node.Alone(roles);
            return;
        }

        var database = services.GetRequiredService<Database>();
        var time = services.GetRequiredService<TimeProvider>();
        if (time is ClusterTime cluster)
        {
            await cluster.LookAsync(database);
        }

        await services.GetRequiredService<SecretsInUse>().AgreeAsync();
        services.GetRequiredService<SiloCertificate>().Load(dataDirectory);
        join.Node = await Node.JoinAsync(database, options, services.GetRequiredService<ClusterOptions>(), roles, dataDirectory);
        if (await ConnectionBudget.WarningAsync(database, options, join.Node, time.GetUtcNow() - NodeBeat.Silent) is { } warning)
        {
            services.GetRequiredService<ILoggerFactory>().CreateLogger("Zoetrope.Settings").TooManyConnections(warning);
        }
    }

    private static SecretsInUse SecretsOf(IServiceProvider provider, DatabaseOptions database, Settings settings, string dataDirectory)
    {
        var hasNodes = database.ConnectionString.Length > 0;
        var all = SharedSecrets.Of(settings, hasNodes);
        var time = provider.GetRequiredService<TimeProvider>();
        if (!hasNodes)
        {
            return new SecretsInUse(all, dataDirectory, null, time);
        }

        var rows = new SecretRows(provider.GetRequiredService<Database>(), time);
        var shared = new SharedSecrets(rows, provider.GetRequiredService<SecretsOptions>().Read(), dataDirectory);
        return new SecretsInUse(all, dataDirectory, shared, time);
    }
}
