using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <content>The account's webhook endpoints.</content>
public sealed partial class ZoetropeClient
{
    /// <summary>Adds a webhook endpoint. Tried once: a lost answer would hide the secret of an endpoint that exists.</summary>
    /// <param name="request">Where to, and what of.</param>
    /// <param name="cancellationToken">Ends the call; the endpoint may exist all the same.</param>
    /// <returns>The endpoint with its secret, which is not shown again.</returns>
    public Task<WebhookState> CreateWebhookAsync(WebhookRequest request, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => Transport.Once(new HttpRequestMessage(HttpMethod.Post, "api/v1/webhooks")
            {
                Content = JsonContent.Create(request, WebhookJson.Default.WebhookRequest),
            }),
            WebhookJson.Default.EnvelopeWebhookState,
            cancellationToken);

    /// <summary>The endpoints of the key's mode.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>All of them, without their secrets.</returns>
    public async Task<IReadOnlyList<WebhookState>> WebhooksAsync(CancellationToken cancellationToken = default)
    {
        var list = await _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Get, "api/v1/webhooks"),
            WebhookJson.Default.EnvelopeWebhookList,
            cancellationToken).ConfigureAwait(false);
        return list.Webhooks;
    }

    /// <summary>Deletes an endpoint with the log of its deliveries.</summary>
    /// <param name="webhookId">The endpoint's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>When it is gone.</returns>
    public Task DeleteWebhookAsync(string webhookId, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Delete, $"api/v1/webhooks/{Uri.EscapeDataString(webhookId)}"),
            WebhookJson.Default.EnvelopeWebhookDeleted,
            cancellationToken);

    /// <summary>Sends <c>webhook.test</c> to an endpoint.</summary>
    /// <param name="webhookId">The endpoint's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The delivery, which is on its way.</returns>
    public Task<WebhookDeliveryState> TestWebhookAsync(string webhookId, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => Transport.Once(new HttpRequestMessage(HttpMethod.Post, $"api/v1/webhooks/{Uri.EscapeDataString(webhookId)}/test")),
            WebhookJson.Default.EnvelopeWebhookDeliveryState,
            cancellationToken);

    /// <summary>Changes an endpoint's URL, events or description.</summary>
    /// <param name="webhookId">The endpoint's id.</param>
    /// <param name="request">What it shall be; null keeps the events or the description.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The endpoint as it is now.</returns>
    public Task<WebhookState> ChangeWebhookAsync(
        string webhookId, WebhookRequest request, CancellationToken cancellationToken = default) => _transport.CallAsync(
        () => Send(HttpMethod.Patch, Webhook(webhookId), JsonContent.Create(request, WebhookJson.Default.WebhookRequest)),
        WebhookJson.Default.EnvelopeWebhookState,
        cancellationToken);

    /// <summary>Makes a new secret for an endpoint; the old one also signs for 24 hours.</summary>
    /// <param name="webhookId">The endpoint's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The endpoint with its new secret, which is not shown again.</returns>
    public Task<WebhookState> RotateWebhookSecretAsync(string webhookId, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => Transport.Once(new HttpRequestMessage(HttpMethod.Post, Webhook(webhookId) + "/rotate-secret")),
            WebhookJson.Default.EnvelopeWebhookState,
            cancellationToken);

    /// <summary>Stops deliveries to an endpoint; its events are kept for 30 days.</summary>
    /// <param name="webhookId">The endpoint's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The endpoint as it is now.</returns>
    public Task<WebhookState> PauseWebhookAsync(string webhookId, CancellationToken cancellationToken = default) => _transport.CallAsync(
        () => new HttpRequestMessage(HttpMethod.Post, Webhook(webhookId) + "/pause"), WebhookJson.Default.EnvelopeWebhookState, cancellationToken);

    /// <summary>Sends an endpoint what has waited, and goes on.</summary>
    /// <param name="webhookId">The endpoint's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The endpoint as it is now.</returns>
    public Task<WebhookState> ResumeWebhookAsync(string webhookId, CancellationToken cancellationToken = default) => _transport.CallAsync(
        () => new HttpRequestMessage(HttpMethod.Post, Webhook(webhookId) + "/resume"), WebhookJson.Default.EnvelopeWebhookState, cancellationToken);

    /// <summary>One page of what was sent to an endpoint, newest first.</summary>
    /// <param name="webhookId">The endpoint's id.</param>
    /// <param name="cursor"><see cref="WebhookDeliveryPage.NextCursor"/> of the page before.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The page.</returns>
    public Task<WebhookDeliveryPage> DeliveriesAsync(string webhookId, string? cursor = null, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Get, Webhook(webhookId) + "/deliveries" + (cursor is null ? "" : "?" + Part("cursor", cursor))),
            WebhookJson.Default.EnvelopeWebhookDeliveryPage,
            cancellationToken);

    /// <summary>One delivery with the outcome of each attempt.</summary>
    /// <param name="webhookId">The endpoint's id.</param>
    /// <param name="deliveryId">The delivery's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The delivery.</returns>
    public Task<WebhookDeliveryState> DeliveryAsync(string webhookId, string deliveryId, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Get, Delivery(webhookId, deliveryId)),
            WebhookJson.Default.EnvelopeWebhookDeliveryState,
            cancellationToken);

    /// <summary>Sends a delivery again, with the same id; at most once a minute.</summary>
    /// <param name="webhookId">The endpoint's id.</param>
    /// <param name="deliveryId">The delivery's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The delivery, which is on its way.</returns>
    public Task<WebhookDeliveryState> RedeliverAsync(string webhookId, string deliveryId, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => Transport.Once(new HttpRequestMessage(HttpMethod.Post, Delivery(webhookId, deliveryId) + "/redeliver")),
            WebhookJson.Default.EnvelopeWebhookDeliveryState,
            cancellationToken);

    private static string Webhook(string id) => $"api/v1/webhooks/{Uri.EscapeDataString(id)}";

    private static string Delivery(string webhookId, string id) => $"{Webhook(webhookId)}/deliveries/{Uri.EscapeDataString(id)}";
}

/// <summary>How webhooks are read and written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WebhookRequest))]
[JsonSerializable(typeof(Envelope<WebhookState>))]
[JsonSerializable(typeof(Envelope<WebhookList>))]
[JsonSerializable(typeof(Envelope<WebhookDeleted>))]
[JsonSerializable(typeof(Envelope<WebhookDeliveryState>))]
[JsonSerializable(typeof(Envelope<WebhookDeliveryPage>))]
internal sealed partial class WebhookJson : JsonSerializerContext;
