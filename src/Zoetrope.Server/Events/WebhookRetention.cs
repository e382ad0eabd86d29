using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Events;

/// <summary>Forgets deliveries, their attempts, and the URLs of single tasks after <see cref="WebhookOptions.RetentionDays"/>.</summary>
internal sealed class WebhookRetention(Database database, WebhookOptions options, TimeProvider time) : IRetention
{
    public string Table => "webhook_deliveries";

    public TimeSpan Every => TimeSpan.FromMinutes(10);

    public Task<int> DeleteSomeAsync()
    {
        var before = time.GetUtcNow().AddDays(-options.RetentionDays).ToUnixTimeMilliseconds();
        return database.InTransactionAsync(async tx =>
            await WebhookDeliveryStore.PruneAsync(tx, before) is var deliveries and > 0
                ? deliveries
                : await TaskWebhooks.PruneAsync(tx, before));
    }
}
