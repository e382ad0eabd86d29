using System.Net;
using System.Text.Json;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Events;

/// <summary>Decides and saves what an answer means for the delivery and for its endpoint, in one transaction.</summary>
internal sealed partial class WebhookOutcomes(
    Database database, WebhookOptions options, WebhookMetrics metrics, TimeProvider time, ILogger<WebhookOutcomes> logger)
{
    // Longer than the schedule's longest pause with its jitter: two failures further apart do not belong together.
    private static readonly TimeSpan Forget = TimeSpan.FromHours(36);

    public async Task RecordAsync(WebhookEndpoint endpoint, WebhookDelivery delivery, WebhookAnswer answer)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var next = Next(delivery, answer, now);
        var isUnwanted = endpoint.Kind == WebhookEndpoint.OfTasks && answer.Status == (int)HttpStatusCode.Gone;
        var disabled = await database.InTransactionAsync(async tx =>
        {
            if (!await WebhookDeliveryStore.RecordAsync(tx, next))
            {
                return null;
            }

            await WebhookAttemptStore.InsertAsync(tx, delivery, answer);
            if (answer.Error is null)
            {
                await WebhookEndpointStore.SucceededAsync(tx, endpoint, now);
                return null;
            }

            if (isUnwanted)
            {
                // It speaks for this URL; others on the same host belong to other tasks.
                await TaskWebhooks.DetachAsync(tx, delivery.AccountId, delivery.GenerationId ?? "");
                return null;
            }

            return answer.IsPointless ? null : await BlameAsync(tx, endpoint, answer, now);
        });
        metrics.Sent((KeyMode)endpoint.Mode, answer.Error is null);
        if (answer.Error is null)
        {
            LogDelivered(delivery.Id, delivery.Type, endpoint.Id, answer.Status, (long)answer.Duration.TotalMilliseconds, delivery.Attempts);
        }
        else
        {
            LogNotDelivered(delivery.Id, delivery.Type, endpoint.Id, answer.Error, delivery.Attempts, next.State);
        }

        if (disabled is not null)
        {
            LogDisabled(endpoint.Id, endpoint.AccountId, disabled);
        }
    }

    private WebhookDelivery Next(WebhookDelivery delivery, WebhookAnswer answer, long now)
    {
        var answered = delivery with { ResponseStatus = answer.Status, ResponseBody = answer.Body, Error = answer.Error };
        if (answer.Error is null)
        {
            return answered with { State = WebhookDelivery.Delivered, FinishedAt = now };
        }

        var gone = answer.IsPointless || answer.Status == (int)HttpStatusCode.Gone;
        if (gone || WebhookRetries.Next(options.Pauses, delivery.Step) is not { } pause)
        {
            return answered with { State = WebhookDelivery.Failed, FinishedAt = now };
        }

        var wait = answer.RetryAfter > pause ? answer.RetryAfter.Value : pause;
        return answered with { Step = delivery.Step + 1, NextAt = now + (long)wait.TotalMilliseconds };
    }

    /// <returns>Why the endpoint was disabled by this; null if it was not.</returns>
    private async Task<string?> BlameAsync(Tx tx, WebhookEndpoint endpoint, WebhookAnswer answer, long now)
    {
        var notBefore = answer.RetryAfter is { } wait ? now + (long)wait.TotalMilliseconds : 0;
        var since = await WebhookEndpointStore.FailedAsync(tx, endpoint.Id, now, now - (long)Forget.TotalMilliseconds, notBefore);
        var reason = answer.Status == (int)HttpStatusCode.Gone ? "The endpoint answered 410 Gone."
            : now - since >= (long)TimeSpan.FromHours(options.DisableAfterHours).TotalMilliseconds
            ? $"Every delivery failed for {options.DisableAfterHours} hours."
            : null;
        if (reason is null || !await WebhookEndpointStore.DisableAsync(tx, endpoint.Id, reason))
        {
            return null;
        }

        await AnnounceAsync(tx, endpoint, reason, now);
        return reason;
    }

    // The account's other endpoints are notified; nobody else can be.
    private static async Task AnnounceAsync(Tx tx, WebhookEndpoint endpoint, string reason, long now)
    {
        var payload = JsonSerializer.Serialize(
            new { id = endpoint.Id, url = endpoint.Url, state = WebhookEndpoint.Disabled, reason }, WireJson.Options);
        foreach (var other in await WebhookEndpointStore.ListAsync(tx, endpoint.AccountId, (KeyMode)endpoint.Mode, now))
        {
            if (other.Id != endpoint.Id
                && other.Kind == WebhookEndpoint.OfAccount
                && other.State != WebhookEndpoint.Disabled
                && WebhookEvents.Wants(other, WebhookEvents.EndpointDisabled))
            {
                await WebhookDeliveryStore.InsertAsync(tx, WebhookEvents.Message(other, WebhookEvents.EndpointDisabled, payload, now));
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Webhook {Id} ({Type}) delivered to {EndpointId}: {Status} in {Milliseconds} ms, attempt {Attempt}")]
    private partial void LogDelivered(string id, string type, string endpointId, int? status, long milliseconds, long attempt);

    [LoggerMessage(LogLevel.Information, "Webhook {Id} ({Type}) not delivered to {EndpointId}: {Error} Attempt {Attempt}, now {State}")]
    private partial void LogNotDelivered(string id, string type, string endpointId, string error, long attempt, string state);

    [LoggerMessage(LogLevel.Warning, "Webhook endpoint {Id} of {AccountId} is disabled: {Reason}")]
    private partial void LogDisabled(string id, string accountId, string reason);
}
