using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Events;

/// <summary>A server whose clock can be set forward, one customer, and a receiver on a real port.</summary>
public abstract class WebhookScene : IAsyncLifetime
{

    private protected abstract SqlDialect Dialect { get; }

    private protected virtual Dictionary<string, string?> Further => [];

    private protected MovedClock Clock { get; } = new();

    private protected WebhookReceiver Receiver { get; private set; } = null!;

    private protected TestZoetrope Zoetrope { get; private set; } = null!;

    private protected Customer Customer { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Receiver = await WebhookReceiver.StartAsync();
        var settings = new Dictionary<string, string?>
        {
            ["Egress:AllowedPrivateHosts"] = "127.0.0.1",
            ["Webhooks:PollInterval"] = "00:00:00.050",
            ["Webhooks:Timeout"] = "00:00:01.500",
            ["Webhooks:MaxEndpoints"] = "12",
        };
        foreach (var (name, value) in Further)
        {
            settings[name] = value;
        }

        Zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect, Time = Clock, Settings = settings });
        Customer = await Zoetrope.Api.CreateCustomerAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Zoetrope is not null)
        {
            await Zoetrope.DisposeAsync();
        }

        await Receiver.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected static object Request(string prompt) => new { model = "nano-banana-2-text-to-image", input = new { prompt, resolution = "0.5K" } };

    private protected static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private protected static DateTimeOffset Time(JsonElement element, string name) => DateTimeOffset.Parse(Text(element, name), CultureInfo.InvariantCulture);

    // The newest attempt has an outcome: one under way still shows the due time from before it began.
    private protected static bool Settled(JsonElement delivery) =>
        delivery.TryGetProperty("error", out _) && (delivery.TryGetProperty("finishedAt", out _) || Time(delivery, "nextAttemptAt") > Time(delivery, "attemptedAt"));

    private protected static RequestDelegate Status(int status, string body = "") => context =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body);
    };

    private protected static string Path(JsonElement endpoint, string? rest = null) => $"/api/v1/webhooks/{Text(endpoint, "id")}{(rest is null ? "" : "/" + rest)}";

    private protected static async Task<(int, string?)> RefusalAsync(Task<Reply> call) => await call is var reply ? (reply.Status, reply.Code) : default;

    private protected Task<Reply> PostAsync(string path, object? body = null, Customer? caller = null) =>
        Zoetrope.Api.SendAsync(HttpMethod.Post, path, (caller ?? Customer).Key, body is null ? null : JsonSerializer.Serialize(body));

    private protected async Task<JsonElement> CreateAsync(string path = "/hook", params string[] events) =>
        (await PostAsync("/api/v1/webhooks", events.Length == 0 ? new { url = Receiver.Url(path) } : new { url = Receiver.Url(path), events })).Expect(200).Data;

    private protected async Task<JsonElement> TestAsync(JsonElement endpoint) => (await PostAsync(Path(endpoint, "test"))).Expect(200).Data;

    private protected async Task<JsonElement> ReadAsync(JsonElement endpoint) => (await Zoetrope.Api.GetAsync(Customer, Path(endpoint))).Expect(200).Data;

    private protected async Task<List<JsonElement>> DeliveriesAsync(JsonElement endpoint, int limit = 20) =>
        [.. (await Zoetrope.Api.GetAsync(Customer, Path(endpoint, $"deliveries?limit={limit}"))).Expect(200).Data.GetProperty("deliveries").EnumerateArray()];

    private protected Task<List<JsonElement>> UntilAsync(
        JsonElement endpoint, Func<List<JsonElement>, bool> wanted, int limit = 20, [CallerArgumentExpression(nameof(wanted))] string what = "") =>
        Until.SeesAsync(() => DeliveriesAsync(endpoint, limit), items => items.Count > 0 && wanted(items), what: what);
}
