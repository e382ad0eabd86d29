namespace Zoetrope.Server;

/// <summary>What a node does: answer requests, drive tasks, or both.</summary>
[Flags]
internal enum NodeRoles
{
    None = 0,

    /// <summary>It serves the doors.</summary>
    Api = 1,

    /// <summary>It schedules and drives tasks, delivers webhooks and keeps house.</summary>
    Worker = 2,
}

internal static class NodeRolesText
{
    /// <summary>Reads <c>api,worker</c>; null where a word is neither, or there is none.</summary>
    public static NodeRoles? Read(string text)
    {
        var roles = NodeRoles.None;
        foreach (var word in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            switch (word)
            {
                case "api":
                    roles |= NodeRoles.Api;
                    break;
                case "worker":
                    roles |= NodeRoles.Worker;
                    break;
                default:
                    return null;
            }
        }

        return roles is NodeRoles.None ? null : roles;
    }

    public static string Words(this NodeRoles roles) => roles switch
    {
        NodeRoles.Api => "api",
        NodeRoles.Worker => "worker",
        _ => "api,worker",
    };
}
