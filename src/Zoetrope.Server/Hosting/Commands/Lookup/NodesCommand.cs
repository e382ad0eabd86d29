using System.CommandLine;
using System.Text.Json.Nodes;
using Zoetrope.Server.Hosting.Cluster;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting.Commands.Lookup;

/// <summary><c>nodes</c>: who serves this database, and who of them differs.</summary>
internal static class NodesCommand
{
    private const string Sql =
        """
        select name, address, roles, build, schema, catalog, settings, leaving, started_at as started, beat_at as beat
        from nodes order by name
        """;

    public static Command Create() => new Command("nodes", "List the nodes of a PostgreSQL database and what differs between them")
        .Answering(async (_, _) =>
        {
            await using var database = await OperatorDatabase.OpenAsync();
            if (database.Dialect is SqlDialect.Sqlite)
            {
                throw new StartException(
                    "NO_CLUSTER", "With SQLite there is one node. Set Zoetrope__Database__ConnectionString to a PostgreSQL database "
                    + "to run several.", StartException.BadSettings);
            }

            var nodes = await database.ReadAsync(async session => await session.QueryAsync<NodeRow>(Sql));
            return new Answer(
                new JsonArray([.. nodes.Select(node => node.Json())]),
                console =>
                {
                    var table = CommandOutput.NewTable("NODE", "ADDRESS", "ROLES", "BUILD", "CATALOG", "SETTINGS", "SEEN");
                    foreach (var node in nodes)
                    {
                        table.AddRow(
                            node.Name,
                            node.Address,
                            node.Leaving ? $"{node.Roles}, leaving" : node.Roles,
                            node.Build,
                            node.Catalog,
                            node.Settings,
                            PlainLines.Seconds(WireTime.Text(node.BeatAt)));
                    }

                    console.Write(table);
                    foreach (var difference in NodeRow.Differences(nodes))
                    {
                        PlainLines.WriteLine(console, difference);
                    }
                });
        });
}
