using System.Text.Json;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Events;

/// <summary>Endpoints that never answer hold up nobody: the others are told while those still hang.</summary>
public sealed class WebhookFairnessTests
{
    private const int Hanging = 8;
    private const int Healthy = 8;

    [Fact]
    public async Task Endpoints_that_hang_delay_only_themselves_and_open_no_more_than_their_places()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Settings = new Dictionary<string, string?>
            {
                ["Egress:AllowedPrivateHosts"] = "127.0.0.1",
                ["Webhooks:PollInterval"] = "00:00:00.050",

                // No hanging delivery ends within this test, so whatever arrives did not wait for one.
                ["Webhooks:Timeout"] = "00:10:00",
                ["Webhooks:EndpointConcurrency"] = "2",
            },
        });
        var release = new TaskCompletionSource();
        var customer = await zoetrope.Api.CreateCustomerAsync();
        for (var i = 0; i < Hanging + Healthy; i++)
        {
            var path = i < Hanging ? $"/hang-{i}" : $"/healthy-{i}";
            if (i < Hanging)
            {
                receiver.Answers[path] = context => release.Task.WaitAsync(context.RequestAborted);
            }

            (await zoetrope.Api.SendAsync(HttpMethod.Post, "/api/v1/webhooks", customer.Key, JsonSerializer.Serialize(new { url = receiver.Url(path) }))).Expect(200);
        }

        var task = (await zoetrope.Api.GenerateAsync(customer, new { model = "nano-banana-2-text-to-image", input = new { prompt = "[[fail]]", resolution = "0.5K" } })).Expect(200).Data.GetProperty("id").GetString()!;
        await zoetrope.Api.WaitAsync(customer, task);
        await Until.HoldsAsync(() => receiver.All.Count(item => item.Path.StartsWith("/healthy", StringComparison.Ordinal)) >= Healthy * 3, () => receiver.Received);

        Assert.All(receiver.All.Where(item => item.Path.StartsWith("/hang", StringComparison.Ordinal)).GroupBy(item => item.Path), group => Assert.InRange(group.Count(), 1, 2));
        Assert.Equal(receiver.All.Count, receiver.All.Select(item => item.Id).Distinct().Count());

        // The others' places come free and the rest of their events follow.
        release.SetResult();
        await Until.HoldsAsync(() => receiver.All.Count >= (Hanging + Healthy) * 3, () => receiver.Received);
    }
}
