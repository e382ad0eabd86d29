using System.Text.Json;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Events;

/// <summary>Test tasks cost nothing, so their deliveries come at a pace; all of them come.</summary>
public sealed class WebhookPaceTests
{
    private const int Endpoints = 10;
    private const int Tasks = 4;
    private const int EventsOfATask = 3;
    private const int PerMinute = 600;

    [Fact]
    public async Task Deliveries_of_one_accounts_test_tasks_are_limited_and_none_is_lost()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Settings = new Dictionary<string, string?>
            {
                ["Egress:AllowedPrivateHosts"] = "127.0.0.1",
                ["Webhooks:PollInterval"] = "00:00:00.050",
                ["Webhooks:TestDeliveriesPerMinute"] = $"{PerMinute}",
            },
        });
        var customer = await zoetrope.Api.CreateCustomerAsync();
        for (var i = 0; i < Endpoints; i++)
        {
            (await zoetrope.Api.SendAsync(HttpMethod.Post, "/api/v1/webhooks", customer.Key, JsonSerializer.Serialize(new { url = receiver.Url($"/{i}") }))).Expect(200);
        }

        var began = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < Tasks; i++)
        {
            (await zoetrope.Api.GenerateAsync(customer, new { model = "nano-banana-2-text-to-image", input = new { prompt = "[[refused]]", resolution = "0.5K" } })).Expect(200);
        }

        const int all = Endpoints * Tasks * EventsOfATask;
        await Until.HoldsAsync(() => receiver.All.Count >= all, () => receiver.All.Count);
        var took = TimeProvider.System.GetElapsedTime(began);

        // A tenth of a minute's worth may come at once; the rest at ten a second.
        Assert.InRange(took, TimeSpan.FromSeconds(5), TimeSpan.MaxValue);
        Assert.Equal(all, receiver.All.Select(item => item.Id).Distinct().Count());

        // Another account has a pace of its own.
        var other = await zoetrope.Api.CreateCustomerAsync();
        var endpoint = (await zoetrope.Api.SendAsync(HttpMethod.Post, "/api/v1/webhooks", other.Key, JsonSerializer.Serialize(new { url = receiver.Url("/other") }))).Expect(200).Data.GetProperty("id").GetString();
        (await zoetrope.Api.SendAsync(HttpMethod.Post, $"/api/v1/webhooks/{endpoint}/test", other.Key)).Expect(200);
        await Until.HoldsAsync(() => receiver.All.Any(item => item.Path == "/other"), () => receiver.Received);
    }
}
