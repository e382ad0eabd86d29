using Zoetrope.Server.Hosting.Cluster;
using Zoetrope.Server.Storage;

namespace Zoetrope.Tests.Hosting.Cluster;

/// <summary>How many connections a node keeps and how soon it gives one up, unless the operator says otherwise; and a warning where that is too much.</summary>
public sealed class ConnectionTests
{
    [Theory]
    [InlineData("Host=db", 30, 5, 20, true, 15)]
    [InlineData("Host=db;Maximum Pool Size=100", 100, 5, 20, true, 15)]
    [InlineData("host=db;maximum pool size=100;TIMEOUT=15;Command Timeout=30", 100, 15, 30, true, 15)]
    [InlineData("Host=db;MaxPoolSize=7;CommandTimeout=0", 7, 5, 0, true, 15)]
    [InlineData("Host=db;Tcp Keepalive=false;Tcp Keepalive Time=0", 30, 5, 20, false, 0)]
    [InlineData("Host=/run/postgresql", 30, 5, 20, true, 0)]
    public void What_the_operator_does_not_say_has_a_default(string said, int pool, int timeout, int command, bool keepAlive, int keepAliveTime)
    {
        var settings = PostgresDatabase.Complete(new DatabaseOptions { ConnectionString = said });
        Assert.Equal((pool, timeout, command, keepAlive, keepAliveTime), (settings.MaxPoolSize, settings.Timeout, settings.CommandTimeout, settings.TcpKeepAlive, settings.TcpKeepAliveTime));
    }

    [Theory]
    [InlineData(30, 1, 100, null)]
    [InlineData(26, 3, 100, null)]
    [InlineData(30, 3, 100, "3 nodes with up to 34 connections each (30 and 4 for membership) may ask for 102, and PostgreSQL has 100 (max_connections), of which 10 should stay free. "
        + "Set Maximum Pool Size=26 in Zoetrope__Database__ConnectionString of every node, or raise max_connections.")]
    [InlineData(100, 1, 100, "1 node with up to 104 connections each (100 and 4 for membership) may ask for 104, and PostgreSQL has 100 (max_connections), of which 10 should stay free. "
        + "Set Maximum Pool Size=86 in Zoetrope__Database__ConnectionString of every node, or raise max_connections.")]
    public void Pools_that_do_not_fit_are_warned_of_with_the_numbers(long pool, long nodes, long most, string? warning) =>
        Assert.Equal(warning, ConnectionBudget.Text(pool, nodes, most));
}
