using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;

namespace Zoetrope.Server.Hosting;

/// <summary>
/// The distributed runtime inside this process: a cluster of one, on a free loopback port, with its own name, so that
/// servers with different data directories never meet.
/// </summary>
internal static class SiloFeature
{
    public static WebApplicationBuilder AddSilo(this WebApplicationBuilder builder)
    {
        builder.Host.UseOrleans(silo =>
        {
            // No gateway: the only client of the grains is this process.
            silo.UseLocalhostClustering(FreePort(), gatewayPort: 0, serviceId: "zoetrope", clusterId: $"zoetrope-{Guid.NewGuid():n}");
            silo.Configure<EndpointOptions>(options => options.AdvertisedIPAddress = IPAddress.Loopback);

            // By default room for a million grains' places is made at the start, 9 MB of it.
            silo.Configure<GrainDirectoryOptions>(options => options.CacheSize = 10_000);

            // A grain's turn is one bounded step; a call that waits longer than this waits for a bug.
            silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(10));
            silo.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(10));
        });
        return builder;
    }

    // Below the range from which Linux gives ports to outgoing connections (ip_local_port_range): one of those could take
    // the port between this look and the silo's bind. The ports above 20,000 are left to whoever starts several servers.
    private static int FreePort()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(10_000, 20_000));
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException) when (attempt < 100)
            {
                // Somebody listens there.
            }
        }
    }
}
