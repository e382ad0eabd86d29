using System.Collections.Frozen;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>
/// What this node knows of the others: which of them are about to leave, and whether any stays that works. Where there is no
/// cluster, nobody is there.
/// </summary>
internal sealed class Neighbours
{
    private FrozenSet<string> _leaving = [];
    private volatile bool _someStay;

    /// <summary>Another node works here and does not leave: it can take over.</summary>
    public bool SomeStay => _someStay;

    /// <param name="leaving">Addresses of nodes that are about to leave, as <c>address:port</c>.</param>
    /// <param name="someStay">Whether another one stays that works.</param>
    public void See(IEnumerable<string> leaving, bool someStay)
    {
        Volatile.Write(ref _leaving, leaving.ToFrozenSet(StringComparer.Ordinal));
        _someStay = someStay;
    }

    public bool Leaves(SiloAddress silo) =>
        Volatile.Read(ref _leaving) is { Count: > 0 } leaving && leaving.Contains($"{silo.Endpoint.Address}:{silo.Endpoint.Port}");
}

/// <summary>How this node leaves: while another stays, it hands over what it has not begun.</summary>
internal sealed class Departure(ServerStop stop, Neighbours neighbours)
{
    /// <summary>
    /// Whether a scheduler that lives here fills places: until it leaves, if others stay to run what it claims. A node alone claims
    /// nothing that it would not begin.
    /// </summary>
    public bool MaySchedule => !stop.HasBegun || neighbours.SomeStay;

    /// <summary>Nothing that costs begins here any more, and another node goes on with it.</summary>
    public bool IsTakenOver => stop.HasBegun && neighbours.SomeStay;

    /// <summary>Nothing at all goes on here.</summary>
    public bool IsOver => stop.Closing.IsCancellationRequested;
}
