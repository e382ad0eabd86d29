namespace Zoetrope.Server.Catalog.Models;

/// <summary>How well the vendor's charge is known.</summary>
internal enum CostKind
{
    /// <summary>Nobody knows; never the same as nothing.</summary>
    Unknown,

    /// <summary>A source of the vendor's states it.</summary>
    Stated,

    /// <summary>Concluded from something else; the source says from what.</summary>
    Assumed,
}

/// <summary>
/// What a result costs the operator at the vendor of one route, in millionths of a US dollar. The operator's alone: no customer and no
/// adapter sees it.
/// </summary>
internal sealed record RouteCost
{
    /// <summary>A thousand dollars; a catalogue that says more for one quantity has a slip in it.</summary>
    public const long MaxMicros = 1_000_000_000;

    public static readonly RouteCost Unknown = new();

    public CostKind Kind { get; init; }

    /// <summary>The same engine as for prices; null where the cost is unknown.</summary>
    public PriceRule? Rule { get; init; }

    /// <summary>Added for each input image after the first <see cref="FreeImages"/>.</summary>
    public long EachImage { get; init; }

    public int FreeImages { get; init; }

    /// <summary>The day on which somebody last looked at the source.</summary>
    public DateOnly? Checked { get; init; }

    /// <summary>Where it is stated, or why it is assumed or unknown.</summary>
    public string? Source { get; init; }

    /// <summary>Null where it is unknown.</summary>
    public long? Micros(in PriceQuantities quantities) =>
        Rule?.Measure(quantities) is { } micros
            ? checked(micros + (EachImage * Math.Max(0, quantities.InputImages - FreeImages)))
            : null;
}
