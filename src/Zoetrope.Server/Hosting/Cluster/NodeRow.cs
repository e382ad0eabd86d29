using System.Text.Json.Nodes;

namespace Zoetrope.Server.Hosting.Cluster;

/// <summary>A row of <c>nodes</c>: what a node last said of itself.</summary>
internal sealed record NodeRow(
    string Name,
    string Address,
    string Roles,
    string Build,
    string Schema,
    string Catalog,
    string Settings,
    bool Leaving,
    long Started,
    long Beat)
{
    public DateTimeOffset StartedAt => DateTimeOffset.FromUnixTimeMilliseconds(Started);

    public DateTimeOffset BeatAt => DateTimeOffset.FromUnixTimeMilliseconds(Beat);

    /// <summary>A line for each thing that should be the same everywhere and is not.</summary>
    public static IEnumerable<string> Differences(IReadOnlyList<NodeRow> nodes) =>
        from thing in ((string Name, Func<NodeRow, string> Of)[])
        [
            ("builds", node => node.Build), ("catalogues", node => node.Catalog), ("settings", node => node.Settings),
        ]
        where nodes.Select(thing.Of).Distinct(StringComparer.Ordinal).Count() > 1
        select $"The nodes have different {thing.Name}: they decide differently until all have the same.";

    public JsonObject Json() => new()
    {
        ["name"] = Name,
        ["address"] = Address,
        ["roles"] = Roles,
        ["build"] = Build,
        ["schema"] = Schema,
        ["catalog"] = Catalog,
        ["settings"] = Settings,
        ["leaving"] = Leaving,
        ["startedAt"] = WireTime.Text(StartedAt),
        ["seenAt"] = WireTime.Text(BeatAt),
    };
}
