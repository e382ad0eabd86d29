using System.Text.Json.Serialization;

namespace Zoetrope.Contracts.VicSee;

/// <summary>What the account's tasks used in a span of whole hours.</summary>
/// <param name="From">The beginning; ISO 8601, UTC.</param>
/// <param name="To">The end, which is not part of it.</param>
/// <param name="By">By what it is grouped.</param>
/// <param name="Total">All tasks of the span, those in no group included.</param>
/// <param name="Groups">In the order of their names.</param>
public sealed record UsageReport(string From, string To, IReadOnlyList<string> By, UsageAmounts Total, IReadOnlyList<UsageGroup> Groups)
{
    /// <summary>Continues after the last group; absent at the end.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? NextCursor { get; init; }
}

/// <summary>The tasks that have the same names.</summary>
/// <param name="Group">A name for each dimension; empty where its tasks have none.</param>
/// <param name="Amounts">What they used.</param>
public sealed record UsageGroup(IReadOnlyDictionary<string, string> Group, UsageAmounts Amounts);

/// <summary>What some tasks used, in the hour in which each ended.</summary>
/// <param name="Requests">Tasks that ended.</param>
/// <param name="Succeeded">Those with a result.</param>
/// <param name="Failed">Those without one that nobody cancelled.</param>
/// <param name="Cancelled">Those that were cancelled.</param>
/// <param name="Credits">Credits charged less credits refunded: what the ledger says of the same hours.</param>
/// <param name="Charged">Credits charged.</param>
/// <param name="Refunded">Credits refunded in these hours, of whatever time their tasks were.</param>
/// <param name="Seconds">Length of the results that have one.</param>
/// <param name="Bytes">Size of the results.</param>
public sealed record UsageAmounts(
    long Requests, long Succeeded, long Failed, long Cancelled, long Credits, long Charged, long Refunded, double Seconds, long Bytes);
