namespace Zoetrope.Server.Operator;

/// <summary>Section <c>Zoetrope:Admin</c>.</summary>
internal sealed class AdminOptions
{
    public const string Section = "Zoetrope:Admin";

    /// <summary>The operator's key; empty means one is made in <c>secrets/admin.key</c> of the data directory.</summary>
    public string Key { get; init; } = "";
}
