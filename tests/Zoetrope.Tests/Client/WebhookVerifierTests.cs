using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Zoetrope.Client;
using Zoetrope.Tests.Events;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Client;

/// <summary>The client checks what the real server sends, and refuses everything that it did not send so.</summary>
public sealed class WebhookVerifierTests
{
    private const string Body = """{"type":"webhook.test","timestamp":"2027-01-15T08:00:00.000Z","data":{"a":1}}""";
    private const string Id = "msg_1";

    private static readonly string Secret = WebhookSigning.NewSecret();

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2027, 1, 15, 8, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_delivery_of_the_server_becomes_a_typed_event_before_and_after_a_rotation()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Settings = new Dictionary<string, string?> { ["Egress:AllowedPrivateHosts"] = "127.0.0.1", ["Webhooks:PollInterval"] = "00:00:00.050" },
        });
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var endpoint = (await SendAsync(zoetrope, customer, "/api/v1/webhooks", new { url = receiver.Url(), events = new[] { "task.completed" } })).Data;
        var oldSecret = endpoint.GetProperty("secret").GetString()!;

        var first = await TellAsync(zoetrope, customer, receiver);
        var event1 = Verify(new WebhookVerifier(oldSecret), first);
        var newSecret = (await SendAsync(zoetrope, customer, $"/api/v1/webhooks/{endpoint.GetProperty("id").GetString()}/rotate-secret", new { })).Data.GetProperty("secret").GetString()!;
        var second = await TellAsync(zoetrope, customer, receiver);

        Assert.Equal(("task.completed", "completed", first.Id), (event1.Type, event1.Task?.Status, event1.Id));
        Assert.NotEmpty(await zoetrope.Api.DownloadAsync(event1.Task!.Result!.Url));
        foreach (var verifier in new[] { new WebhookVerifier(oldSecret), new WebhookVerifier(newSecret), new WebhookVerifier(WebhookSigning.NewSecret(), newSecret) })
        {
            Assert.Equal("completed", Verify(verifier, second).Task?.Status);
        }

        Assert.Throws<ZoetropeWebhookException>(() => Verify(new WebhookVerifier(newSecret), first));
        Assert.Throws<ZoetropeWebhookException>(() => Verify(new WebhookVerifier(oldSecret) { Time = Later(TimeSpan.FromMinutes(6)) }, first));
    }

    [Fact]
    public void One_fitting_signature_among_others_is_enough()
    {
        var good = Sign(0);
        var told = Verifier().Verify(Bytes(Body), Id, Now(0), $"v1a,AAAA v1,AAAA {good} v2,x");

        Assert.Equal((Id, "webhook.test", 1), (told.Id, told.Type, told.Data.GetProperty("a").GetInt32()));
        Assert.Null(told.Task);
        Assert.Equal(2027, told.Timestamp.Year);
    }

    [Theory]
    [InlineData(-300, true)]
    [InlineData(300, true)]
    [InlineData(-301, false)]
    [InlineData(301, false)]
    public void A_delivery_is_taken_within_five_minutes_of_our_clock(int seconds, bool taken)
    {
        void Verify() => Verifier().Verify(Bytes(Body), Id, Now(seconds), Sign(seconds));

        if (taken)
        {
            Verify();
        }
        else
        {
            Assert.Throws<ZoetropeWebhookException>(Verify);
        }
    }

    [Fact]
    public void What_was_changed_on_the_way_is_refused()
    {
        var good = Sign(0);
        (string Body, string? Id, string? Timestamp, string? Signature)[] forged =
        [
            (Body.Replace(":1", ":2", StringComparison.Ordinal), Id, Now(0), good),
            (Body, "msg_2", Now(0), good),
            (Body, Id, Now(1), good),
            (Body, Id, "+" + Now(0), good),
            (Body, Id, "soon", good),
            (Body, Id, Now(0), good[..^1]),
            (Body, Id, Now(0), good["v1,".Length..]),
            (Body, Id, Now(0), good.Replace("v1,", "v1a,", StringComparison.Ordinal)),
            (Body, Id, Now(0), WebhookSigning.Sign(WebhookSigning.NewSecret(), Id, _time.GetUtcNow().ToUnixTimeSeconds(), Bytes(Body))),
            (Body, Id, Now(0), " "),
            (Body, null, Now(0), good),
            (Body, Id, null, good),
            (Body, Id, Now(0), null),
        ];

        Verifier().Verify(Bytes(Body), Id, Now(0), good);
        Assert.All(forged, item => Assert.Throws<ZoetropeWebhookException>(() => Verifier().Verify(Bytes(item.Body), item.Id, item.Timestamp, item.Signature)));
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("[]")]
    [InlineData("""{"type":"task.completed"}""")]
    [InlineData("""{"type":"task.completed","timestamp":"2027-01-15T08:00:00.000Z","data":{"id":"x"}}""")]
    [InlineData("""{"type":7,"timestamp":"2027-01-15T08:00:00.000Z","data":{}}""")]
    public void What_is_signed_but_no_event_is_refused_in_words(string body)
    {
        var sent = _time.GetUtcNow().ToUnixTimeSeconds();

        Assert.Throws<ZoetropeWebhookException>(() => Verifier().Verify(Bytes(body), Id, Now(0), WebhookSigning.Sign(Secret, Id, sent, Bytes(body))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("whsec_")]
    [InlineData("whsec_not base64!")]
    [InlineData("whpk_AAAA")]
    [InlineData("c2VjcmV0")]
    public void A_wrong_secret_is_refused_at_once_and_not_shown(string secret)
    {
        var refused = Assert.Throws<ArgumentException>(() => new WebhookVerifier(secret));

        Assert.DoesNotContain("not base64!", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new WebhookVerifier());
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static WebhookEvent Verify(WebhookVerifier verifier, ReceivedWebhook delivery) => verifier.Verify(delivery.Body, delivery.Id, delivery.Timestamp, delivery.Signature);

    private static FakeTimeProvider Later(TimeSpan by) => new(TimeProvider.System.GetUtcNow() + by);

    private static async Task<ReceivedWebhook> TellAsync(TestZoetrope zoetrope, Customer customer, WebhookReceiver receiver)
    {
        (await zoetrope.Api.GenerateAsync(customer, new { model = "nano-banana-text-to-image", prompt = "A red fox" })).Expect(200);
        return await receiver.NextAsync();
    }

    private static async Task<Reply> SendAsync(TestZoetrope zoetrope, Customer customer, string path, object body) =>
        (await zoetrope.Api.SendAsync(HttpMethod.Post, path, customer.Key, JsonSerializer.Serialize(body))).Expect(200);

    private string Now(int seconds) => (_time.GetUtcNow().ToUnixTimeSeconds() + seconds).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private string Sign(int seconds) => WebhookSigning.Sign(Secret, Id, _time.GetUtcNow().ToUnixTimeSeconds() + seconds, Bytes(Body));

    private WebhookVerifier Verifier() => new(Secret) { Time = _time };
}
