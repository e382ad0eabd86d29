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
