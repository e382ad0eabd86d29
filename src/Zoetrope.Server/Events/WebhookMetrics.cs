using System.Diagnostics.Metrics;

namespace Zoetrope.Server.Events;

/// <summary>Counts what came of webhooks; no endpoint or account as a tag.</summary>
internal sealed class WebhookMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _sent = meters.Create("Zoetrope")
        .CreateCounter<long>("zoetrope.webhooks.sent", "{attempt}", "Attempts to deliver a webhook, by outcome.");

    public void Sent(KeyMode mode, bool isDelivered) => _sent.Add(
        1,
        new KeyValuePair<string, object?>("mode", mode.Word()),
        new KeyValuePair<string, object?>("outcome", isDelivered ? "delivered" : "failed"));
}
