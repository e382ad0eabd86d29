namespace Zoetrope.Contracts.Admin;

/// <summary>What live tasks earned and what their vendors charged, over the attempts that were begun in a span of time.</summary>
/// <param name="From">The beginning of the span; ISO 8601, UTC, milliseconds.</param>
/// <param name="To">Its end, which is not part of it.</param>
/// <param name="GroupBy">What the groups are: <c>model</c>, <c>provider</c> or <c>account</c>.</param>
/// <param name="CreditValueMicros">What a credit is worth, in millionths of a US dollar: the setting as it is now.</param>
/// <param name="Total">All groups together.</param>
/// <param name="Groups">One for each model, provider or account, by name.</param>
public sealed record AdminMargin(
    string From, string To, string GroupBy, long CreditValueMicros, AdminMarginGroup Total, IReadOnlyList<AdminMarginGroup> Groups);

/// <summary>The sums of one model, provider or account, or of all.</summary>
/// <param name="Name">The model, the provider or the account's id; <c>total</c> for the sum of all.</param>
/// <param name="Attempts">Attempts that a vendor took, or may have taken.</param>
/// <param name="CreditsCharged">Credits that customers were charged, before refunds.</param>
/// <param name="CreditsRefunded">Credits of these that were refunded.</param>
/// <param name="ValueMicros">What the charged credits that were not refunded are worth, in millionths of a US dollar.</param>
/// <param name="CostMicros">What the vendors charged, as far as it is known.</param>
/// <param name="AssumedCostMicros">The part of it that rests on an assumption of the catalogue.</param>
/// <param name="AttemptsWithUnknownCost">Attempts that are not in the cost because nobody knows theirs.</param>
/// <param name="MarginMicros">Value less known cost.</param>
public sealed record AdminMarginGroup(
    string Name,
    long Attempts,
    long CreditsCharged,
    long CreditsRefunded,
    long ValueMicros,
    long CostMicros,
    long AssumedCostMicros,
    long AttemptsWithUnknownCost,
    long MarginMicros)
{
    /// <summary>The margin in percent of the value, rounded down; null without a value, or while a cost is unknown.</summary>
    public int? MarginPercent { get; init; }
}
