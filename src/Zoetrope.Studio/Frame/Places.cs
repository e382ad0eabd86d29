namespace Zoetrope.Studio.Frame;

/// <summary>One entry of the rail.</summary>
/// <param name="Path">Where it leads.</param>
/// <param name="Text">The key of its name, which is also the heading of its page.</param>
/// <param name="Icon">A symbol of <c>icons.svg</c>.</param>
internal sealed record Place(string Path, string Text, string Icon);

/// <summary>A part of the rail, with a heading unless it is the first.</summary>
internal sealed record PlaceGroup(string? Text, IReadOnlyList<Place> Places);

/// <summary>What the studio has, in the order of the rail. A page that is not listed here has no entry.</summary>
internal static class Places
{
    public static IReadOnlyList<PlaceGroup> Groups { get; } =
    [
        new(null, [new("/", "frame.create", "make"), new("/gallery", "frame.gallery", "gallery"), new("/activity", "frame.activity", "activity")]),
        new("frame.develop", Develop),
        new("frame.account", Account),
    ];

    private static Place[] Develop =>
    [
        new("/keys", "develop.keys", "key"), new("/webhooks", "develop.webhooks", "webhook"), new("/usage", "develop.usage", "usage"),
        new("/ledger", "develop.ledger", "ledger"), new("/apps", "develop.apps", "panel"), new("/connect", "develop.connect", "connect"),
    ];

    private static Place[] Account => [new("/members", "account.members", "people"), new("/budgets", "account.budgets", "wallet")];
}
