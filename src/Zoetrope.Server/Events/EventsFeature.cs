using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Events;

/// <summary>Who is notified. The door that shows tasks registers the <see cref="TaskRenderer"/>.</summary>
internal static class EventsFeature
{
    public static IServiceCollection AddEvents(this IServiceCollection services, WebhookOptions options, string dataDirectory) => services
        .AddSingleton(options)
        .AddSingleton(_ => new WebhookKeys(dataDirectory))
        .AddSingleton(static provider => new SecretHolder(WebhookKeys.Root.Name, () => provider.GetRequiredService<WebhookKeys>().Reload()))
        .AddSingleton<WebhookSender>()
        .AddSingleton<WebhookMetrics>()
        .AddSingleton<WebhookOutcomes>()
        .AddSingleton<WebhookOutbox>()
        .AddSingleton<Webhooks>()
        .AddSingleton<WebhookSecrets>()
        .AddSingleton<TaskWebhooks>()
        .AddSingleton<IRetention, EventRetention>()
        .AddSingleton<IRetention, WebhookRetention>()
        .AddWorker<WebhookDispatcher>();
}
