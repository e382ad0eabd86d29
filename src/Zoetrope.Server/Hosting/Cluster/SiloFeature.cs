using System.Net;
using Npgsql;
using Orleans.Configuration;
using Orleans.Connections.Security;
using Orleans.Placement;
using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Storage;
using RuntimeClusterOptions = Orleans.Configuration.ClusterOptions;

namespace Zoetrope.Server.Hosting.Cluster;

/// <summary>
/// The distributed runtime inside this process. With PostgreSQL it is a member of the cluster of its database; with SQLite it is
/// a cluster of one, with its own name, so that servers with different data directories never meet.
/// </summary>
internal static class SiloFeature
{
    // Membership asks little and must not wait behind the server's own statements.
    public const int MembershipConnections = 4;

    public static WebApplicationBuilder AddSilo(this WebApplicationBuilder builder, DatabaseOptions database, NodeRoles roles)
    {
        var certificate = new SiloCertificate();
        builder.Services.AddSingleton(certificate);
        builder.Host.UseOrleans(silo =>
        {
            if (database.ConnectionString.Length > 0)
            {
                Join(silo, database);
                Guard(silo, certificate);
            }
            else
            {
                // No gateway: the only client of the grains is this process.
                silo.UseLocalhostClustering();
            }

            silo.Services.AddPlacementFilter<OnStayingNodes, OnStayingNodesDirector>(ServiceLifetime.Singleton);
            silo.Services.AddOptions<RuntimeClusterOptions>().Configure<Node>(Name);
            silo.Services.AddOptions<EndpointOptions>().Configure<Node>(Listen);
            silo.Services.AddOptions<SiloOptions>().Configure<Node>(static (options, node) => options.SiloName = node.Name);

            if (!roles.HasFlag(NodeRoles.Worker))
            {
                // Without the classes the others know that no grain of ours can live here.
                silo.Configure<GrainTypeOptions>(static options => options.Classes.RemoveWhere(
                    static type => type.Assembly == typeof(Program).Assembly));
            }

            // By default room for a million grains' places is made at the start, 9 MB of it.
            silo.Configure<GrainDirectoryOptions>(options => options.CacheSize = 10_000);

            // A grain's turn is one bounded step; a call that waits longer than this waits for a bug.
            silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(10));
            silo.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(10));
        });
        return builder;
    }

    private static void Join(ISiloBuilder silo, DatabaseOptions database)
    {
        silo.UseAdoNetClustering(options =>
        {
            options.Invariant = "Npgsql";
            options.ConnectionString = new NpgsqlConnectionStringBuilder(database.ConnectionString)
            {
                MaxPoolSize = MembershipConnections,
                NoResetOnClose = true,
                ApplicationName = "zoetrope membership",
            }.ToString();
        });

        // A node that is killed is known to be dead after some fifteen seconds. Less, and a machine that is overloaded would be taken
        // for dead: whoever is declared dead ends its process. One that joins an empty cluster waits until the
        // last signs of life of those that died there are three times this old.
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
            options.ProbeTimeout = TimeSpan.FromSeconds(5);
            options.NumMissedProbesLimit = 3;
            options.DefunctSiloExpiration = TimeSpan.FromDays(1);

            // Whoever cannot speak with the others says so soon; those that died are out of the way after fifteen seconds.
            options.MaxJoinAttemptTime = TimeSpan.FromMinutes(2);
        });
    }

    // Both sides show the one certificate of the nodes. Whether it is in date or signed by somebody known says nothing.
    private static void Guard(ISiloBuilder silo, SiloCertificate certificate) => silo.UseTls(options =>
    {
        options.LocalServerCertificateSelector = (_, _) => certificate.Current;
        options.LocalClientCertificateSelector = (_, _, _, _, _) => certificate.Current;
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        // What is required of a client the server says; here Orleans would ask for one that never changes.
        options.ClientCertificateMode = RemoteCertificateMode.AllowCertificate;
        options.RemoteCertificateValidation = (shown, _, _) => certificate.Accepts(shown);
    });

    private static void Name(RuntimeClusterOptions options, Node node) =>
        (options.ServiceId, options.ClusterId) = ("zoetrope", node.ClusterId);

    private static void Listen(EndpointOptions options, Node node)
    {
        options.AdvertisedIPAddress = node.Address;
        options.SiloPort = node.Port;
        options.GatewayPort = 0;
        options.SiloListeningEndpoint = new IPEndPoint(node.Address, node.Port);
    }
}
