using System.Text;
using System.Text.Json;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Admission.Requests;

namespace Zoetrope.Server.Doors.Shared.Paid;

/// <summary>
/// How one endpoint reads its body, and how it says what was made. Doors with the same body share it, so a key stands
/// for the same request at all of them and is answered alike.
/// </summary>
/// <param name="Read">From the body to what is asked for.</param>
/// <param name="Keep">What the answer says of an order; stored with a key.</param>
/// <param name="Write">What was made, as JSON without an envelope.</param>
internal sealed record PaidForm(
    Func<JsonElement, Outcome<Drafts>> Read, Func<Order, OrderFacts> Keep, Action<Utf8JsonWriter, Committed> Write)
{
    public byte[] Answer(Committed made) =>
        made.Rendered is { } earlier ? Encoding.UTF8.GetBytes(earlier) : JsonAnswer.Envelope(made, Write);

    /// <summary>The same without the envelope, for doors that have one of their own.</summary>
    public JsonElement Data(Committed made) => made.Rendered is { } earlier
        ? JsonElement.Parse(earlier).GetProperty("data")
        : JsonElement.Parse(JsonAnswer.Bare(made, Write));
}

/// <summary>A paid call as a door hands it over.</summary>
internal sealed record PaidRequest
{
    public required Caller Caller { get; init; }

    /// <summary>The client's key and what it identifies; null if it sent none.</summary>
    public required IdempotentRequest? Idempotent { get; init; }

    /// <summary>Whether files came beside the body: then a refusal counts toward the key's rate, too.</summary>
    public bool CarriesFiles { get; init; }

    /// <summary>What is asked for; not called for a replay.</summary>
    public required Func<CancellationToken, ValueTask<Outcome<Drafts>>> Read { get; init; }

    /// <summary>Whether the customer accepts this price for these orders; a door that asks and is refused returns its problem.</summary>
    public required Func<IReadOnlyList<Order>, long, Outcome<bool>> Consent { get; init; }

    /// <summary>The most that the customer said it pays; null if it did not say.</summary>
    public long? Ceiling { get; init; }

    /// <summary>What the tasks are counted for, as far as their requests do not say.</summary>
    public Attribution Attribution { get; init; } = Attribution.None;

    /// <summary>What the answer says about an order; null if it lists only the tasks.</summary>
    public Func<Order, OrderFacts>? Keep { get; init; }
}
