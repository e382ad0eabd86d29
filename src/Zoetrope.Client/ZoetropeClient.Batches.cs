using System.Globalization;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <content>Many tasks at once.</content>
public sealed partial class ZoetropeClient
{
    /// <summary>Starts many tasks at once: all of them, or none where one is refused or the credits do not cover all.</summary>
    /// <param name="requests">What to make, at most 1,000 unless the server allows another number.</param>
    /// <param name="webhookUrl">Is told when the last task has ended.</param>
    /// <param name="idempotencyKey">As of <see cref="GenerateAsync"/>; it names the whole batch.</param>
    /// <param name="cancellationToken">Ends the call; the batch may exist all the same.</param>
    /// <returns>The batch, with the credits of all its tasks held.</returns>
    public Task<BatchState> CreateBatchAsync(
        IReadOnlyList<GenerateRequest> requests,
        string? webhookUrl = null,
        string? idempotencyKey = null,
        CancellationToken cancellationToken = default) =>
        SubmitAsync(
            "api/v1/batches",
            new BatchRequest { Requests = requests, WebhookUrl = webhookUrl },
            ClientJson.Default.BatchRequest,
            ClientJson.Default.EnvelopeBatchState,
            idempotencyKey,
            cancellationToken);

    /// <summary>Reads a batch as it is now, with its items.</summary>
    /// <param name="batchId">The batch's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The batch.</returns>
    public Task<BatchState> GetBatchAsync(string batchId, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Get, $"api/v1/batches/{Uri.EscapeDataString(batchId)}"),
            ClientJson.Default.EnvelopeBatchState,
            cancellationToken);

    /// <summary>Waits until every task of a batch has ended, however it ended.</summary>
    /// <param name="batchId">The batch's id.</param>
    /// <param name="cancellationToken">Ends the wait; the batch runs on.</param>
    /// <returns>The completed batch; its items say which of them have a result.</returns>
    public async Task<BatchState> WaitForBatchAsync(string batchId, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var batch = await GetBatchAsync(batchId, cancellationToken).ConfigureAwait(false);
            if (batch.Status == "completed")
            {
                return batch;
            }

            // The server holds each of these questions open; asked one after another they are small, and most have ended by their turn.
            foreach (var item in batch.Items ?? [])
            {
                if (item.Status is "pending" or "processing")
                {
                    await WaitAsync(item.TaskId, cancellationToken).ConfigureAwait(false);
                }
            }

            // The batch ends with its last task, perhaps a moment after it was read.
            await _transport.PauseAsync(_transport.Options.RetryDelay, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>One page of batches, newest first, without their items.</summary>
    /// <param name="limit">Batches a page, at most 100; null for the server's number.</param>
    /// <param name="cursor"><see cref="BatchPage.NextCursor"/> of the page before.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The page and the cursor of the next one.</returns>
    public Task<BatchPage> ListBatchesAsync(int? limit = null, string? cursor = null, CancellationToken cancellationToken = default)
    {
        string?[] parts = [Part("limit", limit?.ToString(CultureInfo.InvariantCulture)), Part("cursor", cursor)];
        var path = "api/v1/batches?" + string.Join('&', parts.Where(part => part is not null));
        return _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Get, path), ClientJson.Default.EnvelopeBatchPage, cancellationToken);
    }

    /// <summary>Asks that every task of a batch that has not ended be stopped.</summary>
    /// <param name="batchId">The batch's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The batch, as much of it as the key may know; a provider may decline, so wait for it to know how each task ended.</returns>
    public async Task<BatchCancellation> CancelBatchAsync(string batchId, CancellationToken cancellationToken = default) =>
        BatchCancellation.Read(await _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Post, $"api/v1/batches/{Uri.EscapeDataString(batchId)}/cancel"),
            ClientJson.Default.EnvelopeJsonElement,
            cancellationToken).ConfigureAwait(false));
}
