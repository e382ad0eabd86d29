using System.Net;
using System.Net.Sockets;
using Npgsql;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting.Cluster;

/// <summary>Where this process stands in the cluster of its database: known before the silo starts, once the schema is there.</summary>
internal sealed class Node
{
    private const string PortFile = "silo-port";

    // A copy of the database, restored elsewhere, holds the same row and must not meet the original's nodes.
    private const string IdSql =
        """
        select c.id || '-' || s.system_identifier || '-' || d.oid
        from cluster c, pg_control_system() s, pg_database d where d.datname = current_database()
        """;

    private Node(string clusterId, IPAddress address, int port, NodeRoles roles) =>
        (ClusterId, Address, Port, Roles) = (clusterId, address, port, roles);

    /// <summary>The same for all nodes of a database and for nobody else.</summary>
    public string ClusterId { get; }

    /// <summary>Where the others reach this node.</summary>
    public IPAddress Address { get; }

    public int Port { get; }

    public NodeRoles Roles { get; }

    /// <summary>Both, as other nodes read them.</summary>
    public string Where => $"{Address}:{Port}";

    /// <summary>What operators call it.</summary>
    public string Name => $"{Environment.MachineName}:{Port}";

    /// <summary>A server without a cluster: free port, loopback, a name that no other server has.</summary>
    public static Node Alone(NodeRoles roles) =>
        new($"zoetrope-{Guid.NewGuid():n}", IPAddress.Loopback, FreePort(IPAddress.Loopback), roles);

    /// <summary>A node of the cluster that everything with this database is in.</summary>
    public static async Task<Node> JoinAsync(
        Database database, DatabaseOptions options, ClusterOptions cluster, NodeRoles roles, string dataDirectory)
    {
        var id = await database.ReadAsync(async session => await session.ScalarAsync<string>(IdSql));
        var address = cluster.AdvertisedAddress.Length > 0
            ? IPAddress.Parse(cluster.AdvertisedAddress)
            : AddressTowards(new NpgsqlConnectionStringBuilder(options.ConnectionString));
        return new Node(id!, address, cluster.SiloPort > 0 ? cluster.SiloPort : KeptPort(address, dataDirectory), roles);
    }

    // A node that returns at its old address takes the place of the one that died there. At another address it would first wait
    // until the dead one's last sign of life is old enough.
    private static int KeptPort(IPAddress address, string dataDirectory)
    {
        var file = Path.Combine(dataDirectory, PortFile);
        if (File.Exists(file) && int.TryParse(File.ReadAllText(file), out var kept) && kept is > 0 and < 65536 && IsFree(address, kept))
        {
            return kept;
        }

        var port = FreePort(address);
        File.WriteAllText(file, $"{port}\n");
        return port;
    }

    // Below the range from which Linux gives ports to outgoing connections (ip_local_port_range): one of those could take
    // the port between this look and the silo's bind. The ports above 20,000 are left to whoever starts several servers.
    private static int FreePort(IPAddress address)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = Random.Shared.Next(10_000, 20_000);
            if (IsFree(address, port) || attempt == 100)
            {
                return port;
            }
        }
    }

    private static bool IsFree(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // Nothing is sent: the system only chooses the way. The others have their way to the database too.
    private static IPAddress AddressTowards(NpgsqlConnectionStringBuilder database)
    {
        var host = (database.Host ?? "").Split(',')[0];
        if (host.Length == 0 || host[0] is '/' or '@')
        {
            return IPAddress.Loopback;
        }

        try
        {
            using var socket = new Socket(SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(host, database.Port);
            var local = ((IPEndPoint)socket.LocalEndPoint!).Address;
            return local.IsIPv4MappedToIPv6 ? local.MapToIPv4() : local;
        }
        catch (SocketException)
        {
            return IPAddress.Loopback;
        }
    }
}
