namespace Zoetrope.Server.Hosting.Cluster;

/// <summary>Holds the place of this process in its cluster, which is known only once the schema is there.</summary>
internal sealed class JoinedNode
{
    private Node? _node;

    public Node Node
    {
        get => _node ?? throw new InvalidOperationException("The server has not joined its cluster yet.");
        set => _node = value;
    }
}
