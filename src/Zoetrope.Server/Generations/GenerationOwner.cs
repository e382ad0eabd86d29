namespace Zoetrope.Server.Generations;

/// <summary>How this node signs the running tasks that it moves.</summary>
/// <param name="Name">The address of its silo; null where there is no cluster, and no other node to leave tasks to.</param>
internal sealed record GenerationOwner(string? Name)
{
    public static GenerationOwner Of(SiloAddress silo) => new($"{silo.Endpoint.Address}:{silo.Endpoint.Port}@{silo.Generation}");
}
