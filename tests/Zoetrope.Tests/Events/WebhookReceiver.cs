using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Zoetrope.Tests.Egress;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Events;

/// <summary>One delivery as it came over the wire.</summary>
internal sealed record ReceivedWebhook(string Path, string Id, string Timestamp, string Signature, byte[] Body)
{
    public string? TraceParent { get; init; }

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string Type => Json.GetProperty("type").GetString()!;

    public IReadOnlyList<string> Signatures(string version) =>
        [.. Signature.Split(' ').Where(part => part.StartsWith(version + ",", StringComparison.Ordinal)).Select(part => part[(version.Length + 1)..])];

    /// <summary>As a receiver checks <c>v1</c>, written from the specification alone.</summary>
    public bool IsSignedWith(string secret)
    {
        using var hmac = new HMACSHA256(Convert.FromBase64String(secret["whsec_".Length..]));
        var expected = Convert.ToBase64String(hmac.ComputeHash([.. Encoding.ASCII.GetBytes($"{Id}.{Timestamp}."), .. Body]));
        return Signatures("v1").Contains(expected);
    }

    /// <summary>As a receiver checks <c>v1a</c>, who holds no secret.</summary>
    public bool IsSignedByOwnerOf(string publicKey)
    {
        var content = Encoding.ASCII.GetBytes($"{Id}.{Timestamp}.").Concat(Body).ToArray();
        return Signatures("v1a").Any(signature =>
        {
            var verifier = new Ed25519Signer();
            verifier.Init(forSigning: false, new Ed25519PublicKeyParameters(Convert.FromBase64String(publicKey["whpk_".Length..])));
            verifier.BlockUpdate(content, 0, content.Length);
            return verifier.VerifySignature(Convert.FromBase64String(signature));
        });
    }
}

/// <summary>A customer's server on a real port: keeps what it gets and answers as the test says, 200 otherwise.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly Channel<ReceivedWebhook> _received = Channel.CreateUnbounded<ReceivedWebhook>();
    private LoopbackServer _server = null!;

    public ConcurrentQueue<ReceivedWebhook> All { get; } = new();

    /// <summary>By path; runs after the delivery was kept.</summary>
    public ConcurrentDictionary<string, RequestDelegate> Answers { get; } = new();

    public int Port => _server.Port;

    public string Url(string path = "/hook") => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}{path}");

    public static async Task<WebhookReceiver> StartAsync()
    {
        var receiver = new WebhookReceiver();
        receiver._server = await LoopbackServer.StartAsync(receiver.HandleAsync);
        return receiver;
    }

    /// <summary>The next delivery that comes.</summary>
    public async Task<ReceivedWebhook> NextAsync()
    {
        using var limit = new CancellationTokenSource(Until.Patience);
        try
        {
            return await _received.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"No delivery came within {Until.Patience}. Before: {string.Join('\n', Received)}");
        }
    }

    /// <summary>What came so far, for a failing wait's message.</summary>
    public IEnumerable<string> Received => All.Select(item => $"{item.Path} {item.Id} {item.Type}");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers;
        var webhook = new ReceivedWebhook(context.Request.Path, headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString(), headers["webhook-signature"].ToString(), body.ToArray())
        {
            TraceParent = headers.TraceParent,
        };
        All.Enqueue(webhook);
        _received.Writer.TryWrite(webhook);
        if (Answers.TryGetValue(webhook.Path, out var answer))
        {
            await answer(context);
        }
    }
}
