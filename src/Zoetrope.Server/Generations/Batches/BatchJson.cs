using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Admission.Commit;

namespace Zoetrope.Server.Generations.Batches;

/// <summary>
/// A batch as it is shown: by the door, and in the event of its end. The event is written in the transaction that ends the
/// last item, far below the doors, so the one writer of the shape is here.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Envelope<BatchState>))]
[JsonSerializable(typeof(Envelope<BatchPage>))]
internal sealed partial class BatchJson : JsonSerializerContext
{
    /// <summary>The data of <c>batch.completed</c>.</summary>
    public static string Event(BatchSummary batch) => WireJson.Text(State(batch), Default.BatchState);

    /// <summary>A batch with its items.</summary>
    public static BatchState State(string id, IReadOnlyList<BatchRow> items) => State(BatchSummary.Of(id, items)) with
    {
        Items =
        [
            .. items.Select(item =>
                new BatchItem((int)item.Index, item.Id, item.Model, StatusWords.OfItem(item.Status), item.Credits)),
        ],
    };

    public static BatchState State(BatchSummary batch) => new()
    {
        Id = batch.Id,
        Status = batch.FinishedAt is null ? StatusWords.Processing : StatusWords.Completed,
        Counts = new BatchCounts(batch.Total, batch.Pending, batch.Processing, batch.Completed, batch.Failed, batch.Cancelled),
        CreditsUsed = batch.Credits,
        CreatedAt = WireTime.Text(batch.CreatedAt),
        CompletedAt = batch.FinishedAt is { } at ? WireTime.Text(at) : null,
    };

    /// <summary>A batch as it was when it was made.</summary>
    public static BatchState Created(Committed made) => new()
    {
        Id = made.Id,
        Status = StatusWords.Processing,
        Counts = new BatchCounts(made.Facts.Count, made.Facts.Count, 0, 0, 0, 0),
        CreditsUsed = made.CreditsUsed,
        CreditsRemaining = made.CreditsRemaining,
        CreatedAt = WireTime.Text(made.CreatedAt),
        Items = [.. made.Facts.Select((order, index) =>
            new BatchItem(index, made.TaskIds[index], order.Model, StatusWords.Pending, order.Credits))],
    };
}
