namespace Zoetrope.Server.Ledger;

/// <summary>The credits of one account in one mode.</summary>
/// <param name="Available">What a new generation may hold; the only figure that gates one.</param>
/// <param name="Held">Reserved by generations that are not finished.</param>
internal sealed record Balance(long Available, long Held)
{
    /// <summary>An account that never had credits has no row.</summary>
    public static readonly Balance None = new(0, 0);

    public long Posted => checked(Available + Held);
}

/// <summary>One row of <c>ledger_transfers</c>: a positive amount from one bucket to another.</summary>
internal sealed record Transfer(
    string Id,
    long Mode,
    string Kind,
    string Debit,
    string Credit,
    long Amount,
    string? GenerationId,
    string? Reason,
    long CreatedAt);

/// <summary>How an attempt to resolve a hold ended. A hold is resolved once; the second attempt learns how.</summary>
internal enum Resolution
{
    Done,
    AlreadySettled,
    AlreadyReleased,

    /// <summary>There is no such hold of this amount; nothing was booked. A bug of the caller.</summary>
    NoSuchHold,
}

/// <summary>A booking made under the caller's reference.</summary>
/// <param name="TransferId">The ledger line.</param>
/// <param name="Amount">Signed: negative took credits away.</param>
/// <param name="Replayed">The reference had been booked before; nothing was booked now.</param>
internal sealed record Booking(string TransferId, long Amount, bool Replayed);

/// <summary>A transfer to be written: so many credits from one bucket to another, and why.</summary>
internal readonly record struct Posting
{
    public required string AccountId { get; init; }

    public required KeyMode Mode { get; init; }

    public required string Id { get; init; }

    public required string Kind { get; init; }

    /// <summary>The bucket that the credits leave.</summary>
    public string Debit { get; init; }

    /// <summary>The bucket that they reach.</summary>
    public string Credit { get; init; }

    public required long Amount { get; init; }

    public string? GenerationId { get; init; }

    public string? Reason { get; init; }

    /// <summary>The caller's own, under which it is booked once.</summary>
    public string? Reference { get; init; }

    /// <summary>Milliseconds.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>The values as the statements name them.</summary>
    public object ToRow() =>
        new { AccountId, Id, Mode = (long)Mode, Kind, Debit, Credit, Amount, GenerationId, Reason, Reference, CreatedAt };
}
