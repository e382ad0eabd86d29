using Zoetrope.Studio.State;

namespace Zoetrope.Studio.Frame;

/// <summary>One entry of the rail.</summary>
/// <param name="Path">Where it leads.</param>
/// <param name="Text">The key of its name, which is also the heading of its page.</param>
/// <param name="Icon">A symbol of <c>icons.svg</c>.</param>
internal sealed record Place(string Path, string Text, string Icon)
{
    /// <summary>The key of its name in the rail, where the page's would say its group's twice or is too long.</summary>
    public string? Label { get; init; }

    /// <summary>Whether other places lie below its address.</summary>
    public bool IsAlone { get; init; }
}

/// <summary>A part of the rail, with a heading unless it is the first.</summary>
internal sealed record PlaceGroup(string? Text, IReadOnlyList<Place> Places)
{
    /// <summary>Whether only those who run the server see it.</summary>
    public bool IsForOperators { get; init; }
}

/// <summary>What the studio has, in the order of the rail. A page that is not listed here has no entry.</summary>
internal static class Places
{
    public static IReadOnlyList<PlaceGroup> Groups { get; } =
    [
        new(null, [new("/", "frame.create", "make") { IsAlone = true }, new("/gallery", "frame.gallery", "gallery"), new("/activity", "frame.activity", "activity")]),
        new("frame.develop", Develop),
        new("frame.account", Account),
        new("frame.operate", Operate) { IsForOperators = true },
    ];

    /// <summary>What whoever is signed in sees of it.</summary>
    public static IEnumerable<PlaceGroup> For(Session session) => Groups.Where(group => !group.IsForOperators || session.IsOperator is true);

    private static Place[] Develop =>
    [
        new("/keys", "develop.keys", "key"), new("/webhooks", "develop.webhooks", "webhook"), new("/usage", "develop.usage", "usage"),
        new("/ledger", "develop.ledger", "ledger"), new("/apps", "develop.apps", "panel"), new("/connect", "develop.connect", "connect"),
    ];

    private static Place[] Operate =>
    [
        new("/operate", "operate.title", "activity") { Label = "operate.overview", IsAlone = true },
        new("/operate/providers", "operate.providers", "server"), new("/operate/cases", "operate.cases", "scale"),
        new("/operate/accounts", "operate.accounts", "people"), new("/operate/tasks", "operate.tasks", "film"),
        new("/operate/catalogue", "operate.catalogue", "book") { Label = "operate.catalogue.short" }, new("/operate/vouchers", "operate.vouchers", "wallet"),
        new("/operate/audit", "operate.audit", "audit"),
    ];

    private static Place[] Account => [new("/members", "account.members", "people"), new("/budgets", "account.budgets", "wallet")];
}
