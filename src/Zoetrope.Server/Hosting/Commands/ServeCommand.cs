using Orleans.Runtime.MembershipService;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary>Runs the server until it is told to stop.</summary>
internal static class ServeCommand
{
    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var host = HostSettings.FromEnvironment();
        ListenAddresses.Check(host.Urls);
        await using var app = await ZoetropeHost.BuildAsync(host);
        var first = await FirstKey.EnsureAsync(app.Services, host.DataDirectory);
        await StartAsync(app, cancellationToken);
        var url = ListenAddresses.Reachable(app.Urls.First());
        Banner.Print(Console.Out, url, host.DataDirectory, first.With(await WelcomeLink.EnsureAsync(app.Services)));
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    // Orleans tells why at length, in the log; an operator needs the one line.
    private static async Task StartAsync(WebApplication app, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (OrleansClusterConnectivityCheckFailedException)
        {
            throw new StartException(
                "NODES_UNREACHABLE",
                "This node cannot speak with the other nodes of its database: they do not answer at the addresses of ./run nodes, or one "
                + "side does not have the other's silo.key. Check Zoetrope__Cluster__AdvertisedAddress and the network between them.");
        }
    }
}
