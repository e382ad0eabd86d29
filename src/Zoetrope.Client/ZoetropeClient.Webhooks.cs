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
}

/// <summary>How webhooks are read and written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WebhookRequest))]
[JsonSerializable(typeof(Envelope<WebhookState>))]
[JsonSerializable(typeof(Envelope<WebhookList>))]
[JsonSerializable(typeof(Envelope<WebhookDeleted>))]
[JsonSerializable(typeof(Envelope<WebhookDeliveryState>))]
internal sealed partial class WebhookJson : JsonSerializerContext;
