using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>Grains of this class go to nodes that stay, if there are any: one that leaves begins nothing.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OnStayingNodesAttribute() : PlacementFilterAttribute(new OnStayingNodes());

/// <summary>The strategy behind <see cref="OnStayingNodesAttribute"/>; Orleans makes it by name.</summary>
internal sealed class OnStayingNodes() : PlacementFilterStrategy(order: 0);

internal sealed class OnStayingNodesDirector(Neighbours neighbours) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        var staying = silos.Where(silo => !neighbours.Leaves(silo)).ToList();
        return staying.Count > 0 ? staying : silos;
    }
}
