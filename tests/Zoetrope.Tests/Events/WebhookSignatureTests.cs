using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Zoetrope.Server.Events;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Events;

public sealed class WebhookSignatureTests
{
    [Fact]
    public void The_published_vector_of_the_specification_is_reproduced()
    {
        var signature = WebhookSignature.Symmetric(
            Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}"""u8);

        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", signature);
    }

    [Fact]
    public void An_empty_secret_is_refused() =>
        Assert.Throws<ArgumentException>(() => WebhookSignature.Symmetric([], "msg_1", 1, "{}"u8));

    [Fact]
    public void Whatever_is_signed_verifies_and_any_flipped_bit_fails()
    {
        using var directory = new TemporaryDirectory();
        var keys = new WebhookKeys(directory.Path);
        var endpoint = new WebhookEndpoint { Id = "whe_1", SecretVersion = 3 };
        var now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        for (var i = 0; i < 1_000; i++)
        {
            var body = RandomNumberGenerator.GetBytes(i == 0 ? 0 : RandomNumberGenerator.GetInt32(1, 2_000));
            var sent = new ReceivedWebhook("/", $"msg_{i}", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), keys.Sign(endpoint, $"msg_{i}", now, body), body);

            Assert.True(Verifies(sent, keys));
            if (body.Length > 0)
            {
                var flipped = body.ToArray();
                flipped[RandomNumberGenerator.GetInt32(flipped.Length)] ^= (byte)(1 << RandomNumberGenerator.GetInt32(8));
                Assert.False(sent with { Body = flipped } is var other && (other.IsSignedWith(keys.SecretText("whe_1", 3)) || other.IsSignedByOwnerOf(keys.PublicKeyText("whe_1", 3))));
            }

            Assert.False((sent with { Id = $"msg_{i}x" }).IsSignedWith(keys.SecretText("whe_1", 3)));
            Assert.False((sent with { Timestamp = "1800000001" }).IsSignedWith(keys.SecretText("whe_1", 3)));
        }
    }

    [Fact]
    public void Keys_differ_by_endpoint_and_version_and_survive_a_restart()
    {
        using var directory = new TemporaryDirectory();
        var keys = new WebhookKeys(directory.Path);
        string[] secrets = [keys.SecretText("whe_1", 1), keys.SecretText("whe_1", 2), keys.SecretText("whe_2", 1)];

        Assert.Equal(3, secrets.Distinct().Count());
        Assert.All(secrets, secret => Assert.Equal(32, Convert.FromBase64String(secret["whsec_".Length..]).Length));
        Assert.Equal(secrets[0], new WebhookKeys(directory.Path).SecretText("whe_1", 1));
        using var elsewhere = new TemporaryDirectory();
        Assert.NotEqual(secrets[0], new WebhookKeys(elsewhere.Path).SecretText("whe_1", 1));
    }

    [Fact]
    public void The_schedule_is_the_specifications_within_a_fifth_and_ends()
    {
        var schedule = WebhookRetries.Schedule;
        Assert.Equal(TimeSpan.FromSeconds(5), schedule[0]);
        Assert.Equal(new TimeSpan(75, 35, 5), schedule.Aggregate(TimeSpan.Zero, (sum, pause) => sum + pause));
        for (var i = 0; i < 200; i++)
        {
            var step = i % schedule.Count;
            Assert.InRange(WebhookRetries.Next(schedule, step)!.Value, schedule[step] * 0.8, schedule[step] * 1.2);
        }

        Assert.Null(WebhookRetries.Next(schedule, schedule.Count));
    }

    private static bool Verifies(ReceivedWebhook sent, WebhookKeys keys) =>
        sent.IsSignedWith(keys.SecretText("whe_1", 3)) && sent.IsSignedByOwnerOf(keys.PublicKeyText("whe_1", 3))
        && !sent.IsSignedWith(keys.SecretText("whe_1", 2)) && Encoding.ASCII.GetByteCount(sent.Signature) == sent.Signature.Length;
}
