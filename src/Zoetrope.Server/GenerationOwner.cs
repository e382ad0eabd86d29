namespace Zoetrope.Server;

/// <summary>How this node signs the running tasks that it moves.</summary>
/// <param name="Name">The address of its silo; null where there is no cluster, and no other node to leave tasks to.</param>
/// <param name="Cluster">The cluster of that silo.</param>
internal sealed record GenerationOwner(string? Name, string Cluster)
{
    public static readonly GenerationOwner Nobody = new(null, "");

    public static GenerationOwner Of(ILocalSiloDetails silo)
    {
        var address = silo.SiloAddress;
        return new($"{address.Endpoint.Address}:{address.Endpoint.Port}@{address.Generation}", silo.ClusterId);
    }
}
