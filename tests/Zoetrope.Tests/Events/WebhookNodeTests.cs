using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Zoetrope.Server.Events;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Events;

/// <summary>The libraries that customers check our deliveries with: npm <c>standardwebhooks</c> and <c>svix</c>, unchanged, and OpenSSL's Ed25519 in Node.</summary>
public sealed class WebhookNodeTests
{

    // Answers with how many of each kind were as they must be; the first that is not ends it.
    private const string Script =
        """
        import { Webhook } from 'standardwebhooks';
        import { Webhook as Svix } from 'svix';
        import { createPublicKey, verify } from 'node:crypto';
        import { createReadStream } from 'node:fs';
        import { createInterface } from 'node:readline';

        const told = { standardwebhooks: 0, svix: 0, ed25519: 0, flipped: 0, unicode: 0, empty: 0, large: 0, rotated: 0, old: 0, early: 0, inTime: 0 };
        const keys = {};
        const keyOf = text => keys[text] ??= createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(text.slice('whpk_'.length), 'base64')]), format: 'der', type: 'spki' });
        const checks = [
          ['standardwebhooks', (one, body) => new Webhook(one.secret).verify(body, one.headers, { jsonParse: false })],
          ['svix', (one, body) => new Svix(one.secret).verify(body, one.headers)],
          ['ed25519', (one, body) => {
            const content = Buffer.concat([Buffer.from(`${one.headers['webhook-id']}.${one.headers['webhook-timestamp']}.`), body]);
            const signatures = one.headers['webhook-signature'].split(' ').filter(part => part.startsWith('v1a,')).map(part => Buffer.from(part.slice(4), 'base64'));
            if (!signatures.some(signature => verify(null, content, keyOf(one.publicKey), signature))) throw new Error('No v1a signature is right');
          }],
        ];
        const fails = check => { try { check(); return false; } catch { return true; } };
        const expect = (right, what) => { if (!right) { console.error(what); process.exit(1); } };

        for await (const line of createInterface({ input: createReadStream(process.argv[2]) })) {
          const one = JSON.parse(line);
          const body = Buffer.from(one.body, 'base64');
          for (const [name, check] of checks) {
            if (one.when && name === 'ed25519') continue;
            if (one.when === 'old' || one.when === 'early') {
              expect(fails(() => check(one, body)), `${name} took a timestamp that is ${one.when}`);
              continue;
            }

            check(one, body);
            told[name]++;
            if (body.length > 0) {
              const flipped = Buffer.from(body);
              flipped[one.flip % body.length] ^= 1 << (one.flip % 8);
              expect(fails(() => check(one, flipped)), `${name} took a flipped bit`);
              told.flipped++;
            }

            expect(fails(() => check({ ...one, headers: { ...one.headers, 'webhook-id': 'msg_other' } }, body)), `${name} took another id`);
          }

          told.empty += body.length === 0;
          told.large += body.length === 20000;
          told.unicode += body.toString().length !== body.length;
          told.rotated += one.rotated ?? 0;
          if (one.when) told[one.when]++;
        }

        expect(fails(() => new Webhook('')) && fails(() => new Svix('')), 'An empty secret was taken');
        console.log(JSON.stringify(told));
        """;

    private readonly ConcurrentDictionary<(string, long), string> _publicKeys = [];

    [Fact]
    public Task Two_thousand_bodies_verify_and_no_changed_one_does() => VerifyAsync(2_000);

    [Fact]
    [Trait("Category", "Nightly")]
    public Task Ten_thousand_bodies_verify_and_no_changed_one_does() => VerifyAsync(10_000);

    private async Task VerifyAsync(int bodies)
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, "signed.jsonl");
        var rotations = await WriteAsync(path, bodies, new WebhookKeys(directory.Path));

        var node = await NodePackages.RunScriptAsync(Script, [path], TimeSpan.FromMinutes(5));

        Assert.True(node.ExitCode == 0, node.Output);
        var told = JsonDocument.Parse(node.StandardOutput).RootElement;
        int Count(string name) => told.GetProperty(name).GetInt32();
        Assert.Equal((bodies + 2, bodies + 2, bodies), (Count("standardwebhooks"), Count("svix"), Count("ed25519")));
        Assert.Equal((2, 2, 2, rotations), (Count("old"), Count("early"), Count("inTime"), Count("rotated")));
        Assert.InRange(Count("empty"), 4, bodies);
        Assert.InRange(Count("large"), 4, bodies);
        Assert.InRange(Count("unicode"), bodies / 4, bodies);
        Assert.Equal((3 * (bodies - Count("empty"))) + 4, Count("flipped"));
    }

    private async Task<int> WriteAsync(string path, int bodies, WebhookKeys keys)
    {
        await using var file = new StreamWriter(path);
        var now = TimeProvider.System.GetUtcNow();
        var rotations = 0;
        var steady = new WebhookEndpoint { Id = "whe_1", SecretVersion = 1 };
        foreach (var (seconds, when) in new[] { (-120, "inTime"), (240, "inTime"), (-310, "old"), (-86_400, "old"), (900, "early"), (86_400, "early") })
        {
            // Checked first, and with room: the receiver's clock goes on while the rest is written.
            await file.WriteLineAsync(Line(keys, steady, 1, now.AddSeconds(seconds), "{}"u8.ToArray(), 0, rotated: false, when));
        }

        for (var i = 0; i < bodies; i++)
        {
            // Every fifth is signed during a rotation and checked with the key that is on its way out.
            var rotated = i % 5 == 0;
            rotations += rotated ? 1 : 0;
            var endpoint = new WebhookEndpoint { Id = $"whe_{i % 100}", SecretVersion = 3, PreviousUntil = rotated ? now.ToUnixTimeMilliseconds() + 60_000 : null };
            await file.WriteLineAsync(Line(keys, endpoint, rotated ? 2 : 3, now, Body(i), i, rotated, when: null));
        }

        return rotations;
    }

    private string Line(WebhookKeys keys, WebhookEndpoint endpoint, long version, DateTimeOffset now, byte[] body, int number, bool rotated, string? when) => JsonSerializer.Serialize(new
    {
        secret = keys.SecretText(endpoint.Id, version),
        publicKey = _publicKeys.GetOrAdd((endpoint.Id, version), key => keys.PublicKeyText(key.Item1, key.Item2)),
        headers = new Dictionary<string, string>
        {
            ["webhook-id"] = $"msg_{number}",
            ["webhook-timestamp"] = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            ["webhook-signature"] = keys.Sign(endpoint, $"msg_{number}", now, body),
        },
        body = Convert.ToBase64String(body),
        flip = RandomNumberGenerator.GetInt32(int.MaxValue),
        rotated = rotated ? 1 : 0,
        when,
    });

    // Both libraries read the body as text, so it is text: of every kind of character, empty, and of the largest size we send.
    private static byte[] Body(int number)
    {
        if (number % 500 == 0)
        {
            return [];
        }

        if (number % 500 == 1)
        {
            return Encoding.ASCII.GetBytes(new string((char)RandomNumberGenerator.GetInt32('a', 'z'), 20_000));
        }

        var text = new StringBuilder();
        var length = RandomNumberGenerator.GetInt32(1, 400);
        for (var i = 0; i < length; i++)
        {
            var plane = (number % 3) switch { 0 => 0x80, 1 => 0xD800, _ => 0x10FFFF };
            var rune = RandomNumberGenerator.GetInt32(plane);
            text.Append(Rune.IsValid(rune) ? new Rune(rune) : new Rune('x'));
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
