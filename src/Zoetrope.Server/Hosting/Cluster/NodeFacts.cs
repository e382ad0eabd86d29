using Zoetrope.Server.Catalog;

namespace Zoetrope.Server.Hosting.Cluster;

/// <summary>What a node says of itself: two that differ in the last two decide differently.</summary>
internal sealed class NodeFacts(JoinedNode joined, CatalogHolder catalog, SettingsPrint settings)
{
    public Node Node => joined.Node;

    /// <summary>A fingerprint of its catalogue.</summary>
    public string Catalog => catalog.Current.Print;

    /// <summary>A fingerprint of the settings that all nodes should share.</summary>
    public string Settings => settings.Text;
}
