using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Artifacts;

namespace Zoetrope.Server.Admission.Commit;

/// <summary>
/// One caller's orders on their way through the commit: usually one, otherwise several that start together or not at all.
/// The lane decides it to exactly one of <see cref="Made"/>, <see cref="Earlier"/> and <see cref="Refusal"/>.
/// </summary>
internal sealed class Submit
{
    public required Caller Caller { get; init; }

    public required IReadOnlyList<Order> Orders { get; init; }

    /// <summary>How many tasks are asked for: the orders, or, before these are made, as many as the request names.</summary>
    public int Count { get => field > 0 ? field : Orders.Count; init; }

    /// <summary>Rows of the orders' input files, which are stored already.</summary>
    public IReadOnlyList<Artifact> Files { get; init; } = [];

    /// <summary>
    /// Whether the call counts toward the key's rate already: one that names files is counted before they are fetched, whatever
    /// becomes of it.
    /// </summary>
    public bool IsCounted { get; init; }

    /// <summary>The credits of all orders together.</summary>
    public required long Credits { get; init; }

    /// <summary>Whether the customer has accepted this price, if the key asks above a threshold.</summary>
    public bool Confirmed { get; init; }

    /// <summary>The most that the customer said it pays for all of them; null if it did not say.</summary>
    public long? Ceiling { get; init; }

    /// <summary>Set if the client sent an Idempotency-Key: one for all orders.</summary>
    public IdempotentRequest? Idempotent { get; init; }

    /// <summary>What the answer says of each order.</summary>
    public IReadOnlyList<OrderFacts> Facts { get; init; } = [];

    /// <summary>The same as it is stored for replays; written before the lane, which only puts its own numbers in front.</summary>
    public string? FactsColumn { get; init; }

    /// <summary>Set if the orders are to be found together afterwards.</summary>
    public NewBatch? Batch { get; init; }

    /// <summary>The client's field that says how many orders there are, for a refusal of their number.</summary>
    public string? CountField { get; init; }

    /// <summary>How many hosts the account's webhook URLs may have.</summary>
    public int MaxWebhookHosts { get; init; }

    /// <summary>The request that asks for all of them.</summary>
    public Trail? Trail { get; init; }

    public Committed? Made { get; set; }

    /// <summary>What was made under the same key before.</summary>
    public StoredAnswer? Earlier { get; set; }

    public Problem? Refusal { get; set; }

    /// <summary>The answer's row under the key; null if there is no key.</summary>
    public string? Answer { get; set; }

    /// <summary>Of each order the budgets that it counts in; null where none of them does.</summary>
    public string?[]? Budgets { get; set; }

    public string? BatchId => Batch is null ? null : Made?.Id;

    /// <summary>Whether the batch or an order names a webhook URL: nearly none does, and then nothing is read for it.</summary>
    public bool NamesWebhooks
    {
        get
        {
            for (var i = 0; i < Orders.Count; i++)
            {
                if (Orders[i].WebhookUrl is not null)
                {
                    return true;
                }
            }

            return Batch?.WebhookUrl is not null;
        }
    }

    /// <summary>Those URLs, each with the task, or the batch, that is reported there.</summary>
    public IEnumerable<(string? SubjectId, string Url)> Webhooks()
    {
        if (Batch?.WebhookUrl is { } ofBatch)
        {
            yield return (Made?.Id, ofBatch);
        }

        for (var i = 0; i < Orders.Count; i++)
        {
            if (Orders[i].WebhookUrl is { } url)
            {
                yield return (Made?.TaskIds[i], url);
            }
        }
    }

    /// <summary>Since when it waits for its transaction, on the monotonic clock.</summary>
    public long WaitsSince { get; set; }

    public TaskCompletionSource Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>The client's key for this effect, and the request it identifies.</summary>
/// <param name="Key">1–255 characters; scoped to the account and mode.</param>
/// <param name="Fingerprint">SHA-256 of the endpoint and the canonical body: another body under the same key is refused.</param>
internal sealed record IdempotentRequest(string Key, byte[] Fingerprint);
