using System.Text.Json.Serialization;

namespace Zoetrope.Contracts.VicSee;

/// <summary>Body of <c>POST /api/v1/batches</c>: requests that start together or not at all.</summary>
public sealed record BatchRequest
{
    /// <summary>Each a body of <c>POST /api/v1/generate</c>.</summary>
    public required IReadOnlyList<GenerateRequest> Requests { get; init; }

    /// <summary>A URL that receives <c>batch.completed</c>, besides the account's endpoints.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WebhookUrl { get; init; }
}

/// <summary>A batch. Its counts are read from its tasks, so they never contradict them.</summary>
public sealed record BatchState
{
    /// <summary>The batch's id (<c>batch_…</c>).</summary>
    public required string Id { get; init; }

    /// <summary><c>processing</c>, or <c>completed</c> when every item has ended, however it ended.</summary>
    public required string Status { get; init; }

    /// <summary>How many items are in each state.</summary>
    public required BatchCounts Counts { get; init; }

    /// <summary>Credits held for items that have not ended and charged for those that have; 0 for a failed one.</summary>
    public required long CreditsUsed { get; init; }

    /// <summary>Credits available after the hold; only in the answer that made the batch.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? CreditsRemaining { get; init; }

    /// <summary>ISO 8601, UTC, milliseconds.</summary>
    public required string CreatedAt { get; init; }

    /// <summary>When the last item ended; absent before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CompletedAt { get; init; }

    /// <summary>Every item in the order of the requests; absent in listings and events.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<BatchItem>? Items { get; init; }
}

/// <summary>How many items of a batch are in each state; the other counts add up to <paramref name="Total"/>.</summary>
/// <param name="Total">All items.</param>
/// <param name="Pending">Waiting for a provider.</param>
/// <param name="Processing">At a provider.</param>
/// <param name="Completed">With a result.</param>
/// <param name="Failed">Ended without one; nothing was charged.</param>
/// <param name="Cancelled">Ended on request; nothing was charged.</param>
public sealed record BatchCounts(long Total, long Pending, long Processing, long Completed, long Failed, long Cancelled);

/// <summary>One item of a batch, a task like any other.</summary>
/// <param name="Index">Its place among the requests, from 0.</param>
/// <param name="TaskId">Its task, to be read at <c>GET /api/v1/tasks/{id}</c>.</param>
/// <param name="Model">The model's id.</param>
/// <param name="Status"><c>pending</c>, <c>processing</c>, <c>completed</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="CreditsUsed">Credits held, after the end what was charged.</param>
public sealed record BatchItem(int Index, string TaskId, string Model, string Status, long CreditsUsed);

/// <summary>One page of batches, newest first, without their items.</summary>
/// <param name="Batches">The batches.</param>
/// <param name="NextCursor">Pass as <c>cursor</c> for the next page; <see langword="null"/> on the last one.</param>
public sealed record BatchPage(IReadOnlyList<BatchState> Batches, string? NextCursor);
