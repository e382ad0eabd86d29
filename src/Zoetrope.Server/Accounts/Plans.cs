namespace Zoetrope.Server.Accounts;

/// <summary>The plan table. A plan is a name in the account's row; its limits are here, so changing them needs no data change.</summary>
internal static class Plans
{
    public static readonly Plan Free = new("free", 0);
    public static readonly Plan Starter = new("starter", 100);
    public static readonly Plan Pro = new("pro", 500);
    public static readonly Plan Enterprise = new("enterprise", null);

    public static IReadOnlyList<Plan> All { get; } = [Free, Starter, Pro, Enterprise];

    public static Plan? Find(string? name) => name switch
    {
        "enterprise" => Enterprise,
        "pro" => Pro,
        "starter" => Starter,
        "free" => Free,
        _ => null,
    };

    /// <summary>A plan name read from the database. One that is no longer sold gives no access rather than all of it.</summary>
    public static Plan Stored(string name) => Find(name) ?? Free;

    public static Problem Unknown(string? given) => Problems.InvalidPlan.With(
        "Unknown plan.", "plan", given, string.Join(", ", All.Select(plan => plan.Name)));
}
