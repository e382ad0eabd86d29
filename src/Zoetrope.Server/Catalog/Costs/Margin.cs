namespace Zoetrope.Server.Catalog.Costs;

/// <summary>What one request earns: its price, and what its vendor charges for it.</summary>
/// <param name="Credits">The price.</param>
/// <param name="ValueMicros">What the operator gets for these credits, in millionths of a US dollar.</param>
/// <param name="CostMicros">What the vendor charges; null where nobody knows.</param>
/// <param name="Request">What the request is.</param>
internal sealed record Margin(long Credits, long ValueMicros, long? CostMicros, string Request)
{
    /// <summary>The part of the value that is left, in percent, rounded down: it never looks better than it is.</summary>
    public int? Percent => CostMicros is { } cost && ValueMicros > 0 ? (int)Math.Floor((ValueMicros - cost) * 100m / ValueMicros) : null;

    public bool IsLoss => CostMicros > ValueMicros;
}
