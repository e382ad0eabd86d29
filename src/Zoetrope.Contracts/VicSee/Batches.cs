using System.Text.Json.Serialization;

namespace Zoetrope.Contracts.VicSee;

/// <summary>Body of <c>POST /api/v1/batches</c>.</summary>
/// <param name="Requests">What <c>/generate</c> takes, each; all are started or none.</param>
public sealed record BatchRequest(IReadOnlyList<GenerateRequest> Requests)
{
    /// <summary>Is told <c>batch.completed</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WebhookUrl { get; init; }
}

/// <summary>A batch as it is now.</summary>
public sealed record BatchState
{
    /// <summary>The batch's id (<c>batch_…</c>).</summary>
    public required string Id { get; init; }

    /// <summary><c>processing</c>, or <c>completed</c> when every item has ended, however it ended.</summary>
    public required string Status { get; init; }

    /// <summary>How many items are in which state.</summary>
    public required BatchCounts Counts { get; init; }

    /// <summary>Credits of all items: held while they run, then what was charged.</summary>
    public required long CreditsUsed { get; init; }

    /// <summary>Credits available after the hold; only in the answer that made the batch.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? CreditsRemaining { get; init; }

    /// <summary>ISO 8601, UTC, milliseconds.</summary>
    public required string CreatedAt { get; init; }

    /// <summary>When the last item ended.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CompletedAt { get; init; }

    /// <summary>The items in the order of the request; absent in a list of batches.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<BatchItem>? Items { get; init; }
}

/// <summary>How many items of a batch are in which state.</summary>
/// <param name="Total">All.</param>
/// <param name="Pending">Waiting.</param>
/// <param name="Processing">Running.</param>
/// <param name="Completed">With a result.</param>
/// <param name="Failed">Failed.</param>
/// <param name="Cancelled">Cancelled.</param>
public sealed record BatchCounts(int Total, int Pending, int Processing, int Completed, int Failed, int Cancelled);

/// <summary>One item of a batch.</summary>
/// <param name="Index">Its place in the request, from 0.</param>
/// <param name="TaskId">The task that it is.</param>
/// <param name="Model">The task's model.</param>
/// <param name="Status"><c>pending</c>, <c>processing</c>, <c>completed</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="CreditsUsed">Credits of the task.</param>
public sealed record BatchItem(int Index, string TaskId, string Model, string Status, long CreditsUsed);

/// <summary>One page of batches, newest first, without their items.</summary>
/// <param name="Batches">The batches.</param>
/// <param name="NextCursor">Pass as <c>cursor</c> for the next page; <see langword="null"/> on the last one.</param>
public sealed record BatchPage(IReadOnlyList<BatchState> Batches, string? NextCursor);
