using System.Text.Json.Serialization;

namespace Zoetrope.Contracts.VicSee;

/// <summary>Answer of <c>GET /api/v1/credits</c>.</summary>
/// <param name="Credits">Credits that a new task may use.</param>
/// <param name="Held">Credits reserved by tasks that are not finished.</param>
/// <param name="Mode"><c>test</c> or <c>live</c>: the kind of credits this key spends.</param>
public sealed record CreditBalance(long Credits, long Held, string Mode);

/// <summary>When the account is sent <c>credits.low</c>.</summary>
/// <param name="Below">Sent once when a task's hold takes the available credits below this; null for never.</param>
/// <param name="Credits">Credits that a new task may use.</param>
/// <param name="Low">Whether they are below it now.</param>
/// <param name="Mode">test or live.</param>
public sealed record CreditAlert(long? Below, long Credits, bool Low, string Mode);

/// <summary>Body of <c>PUT /api/v1/credits/alert</c>.</summary>
/// <param name="Below">The figure; null for never.</param>
public sealed record CreditAlertRequest(long? Below);

/// <summary>Answer of <c>GET /api/v1/ledger</c>: one page, newest first.</summary>
/// <param name="Entries">The lines of this page.</param>
/// <param name="NextCursor">Pass as <c>cursor</c> for the next page; <see langword="null"/> on the last one.</param>
public sealed record LedgerPage(IReadOnlyList<LedgerEntry> Entries, string? NextCursor);

/// <summary>One line of the account's ledger. Lines are never changed; a correction is a new line.</summary>
/// <param name="Id">The line's id (<c>txn_…</c>).</param>
/// <param name="Type"><c>grant</c>, <c>hold</c>, <c>settle</c>, <c>release</c>, <c>refund</c> or <c>adjust</c>.</param>
/// <param name="Amount">Credits moved; always positive.</param>
/// <param name="From">The bucket the credits left: <c>issued</c>, <c>available</c>, <c>held</c> or <c>revenue</c>.</param>
/// <param name="To">The bucket they went to.</param>
/// <param name="CreatedAt">ISO 8601, UTC, milliseconds.</param>
public sealed record LedgerEntry(string Id, string Type, long Amount, string From, string To, string CreatedAt)
{
    /// <summary>The task this line belongs to, if any.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TaskId { get; init; }

    /// <summary>The reason given when it was booked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }
}
