using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting.Cluster;

/// <summary>Whether all nodes' connections fit into what PostgreSQL gives.</summary>
internal static class ConnectionBudget
{
    // For the operator's commands, backups and whoever looks; some of it PostgreSQL keeps for its superusers.
    private const long Spare = 10;

    private const string Sql =
        """
        select current_setting('max_connections')::bigint as most, (select count(*) from nodes where name <> @name and beat_at > @silent) as others
        """;

    /// <summary>A warning with the numbers; null where they fit, and behind a pooler, which has its own.</summary>
    public static async Task<string?> WarningAsync(Database database, DatabaseOptions options, Node node, DateTimeOffset silent)
    {
        if (options.Pooler.Length > 0)
        {
            return null;
        }

        var (most, others) = await database.ReadAsync(async session => await session.FirstOrDefaultAsync<(long Most, long Others)>(
            Sql, new { name = node.Name, silent = silent.ToUnixTimeMilliseconds() }));
        return Text(PostgresDatabase.Complete(options).MaxPoolSize, others + 1, most);
    }

    /// <summary>The same of given numbers.</summary>
    public static string? Text(long pool, long nodes, long most)
    {
        var each = pool + SiloFeature.MembershipConnections;
        if (each * nodes <= most - Spare)
        {
            return null;
        }

        var fits = Math.Max(1, ((most - Spare) / nodes) - SiloFeature.MembershipConnections);
        return $"{nodes} node{(nodes == 1 ? "" : "s")} with up to {each} connections each ({pool} and {SiloFeature.MembershipConnections} for "
            + $"membership) may ask for {each * nodes}, and PostgreSQL has {most} (max_connections), of which {Spare} should stay free. Set "
            + $"Maximum Pool Size={fits} in {Settings.VariableName("Database:ConnectionString")} of every node, or raise max_connections.";
    }
}
