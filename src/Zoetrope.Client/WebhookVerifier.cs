using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Zoetrope.Client;

/// <summary>
/// Checks that a webhook is genuine: the <c>v1</c> signature of Standard Webhooks 1.0, HMAC-SHA256 over <c>id.timestamp.body</c>.
/// The <c>v1a</c> signatures beside it are passed over, because .NET has no Ed25519 of its own. Serves any number of threads.
/// </summary>
public sealed class WebhookVerifier
{
    private const string Version = "v1,";
    private const string Prefix = "whsec_";

    private readonly byte[][] _secrets;

    /// <summary>Makes a verifier.</summary>
    /// <param name="secrets">The endpoint's secrets (<c>whsec_…</c>): one, or the new and the old one while they are being rotated.</param>
    public WebhookVerifier(params IReadOnlyList<string> secrets)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        _secrets = [.. secrets.Select(Bytes)];
        if (_secrets.Length == 0)
        {
            throw new ArgumentException("Without a secret nothing can be checked.", nameof(secrets));
        }
    }

    /// <summary>How far the sender's clock may be from ours; an older delivery is taken for a recorded one that is played again.</summary>
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Reads a delivery after checking it.</summary>
    /// <param name="body">The raw bytes, before any parser.</param>
    /// <param name="header">Gives a request header by its name, or null, as <c>name => request.Headers[name]</c>.</param>
    /// <returns>The event. Remember its <see cref="WebhookEvent.Id"/>: the same delivery may come again.</returns>
    /// <exception cref="ZoetropeWebhookException">It is not genuine, or too old. Answer 400.</exception>
    public WebhookEvent Verify(ReadOnlySpan<byte> body, Func<string, string?> header)
    {
        ArgumentNullException.ThrowIfNull(header);
        return Verify(body, header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"));
    }

    /// <summary>Reads a delivery after checking it.</summary>
    /// <param name="body">The raw bytes, before any parser.</param>
    /// <param name="id">The header <c>webhook-id</c>.</param>
    /// <param name="timestamp">The header <c>webhook-timestamp</c>.</param>
    /// <param name="signature">The header <c>webhook-signature</c>.</param>
    /// <returns>The event. Remember its <see cref="WebhookEvent.Id"/>: the same delivery may come again.</returns>
    /// <exception cref="ZoetropeWebhookException">It is not genuine, or too old. Answer 400.</exception>
    public WebhookEvent Verify(ReadOnlySpan<byte> body, string? id, string? timestamp, string? signature)
    {
        if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(timestamp) || string.IsNullOrEmpty(signature))
        {
            throw new ZoetropeWebhookException("The headers webhook-id, webhook-timestamp and webhook-signature must all be there.");
        }

        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var sent)
            || Math.Abs(Time.GetUtcNow().ToUnixTimeSeconds() - sent) > Tolerance.TotalSeconds)
        {
            throw new ZoetropeWebhookException(
                $"The delivery is not of the last {Tolerance.TotalMinutes:0.#} minutes; a clock is wrong, or somebody plays it again.");
        }

        if (!IsSigned(body, id, timestamp, signature))
        {
            throw new ZoetropeWebhookException(
                "No v1 signature fits. The secret may be another endpoint's, or the body is not byte by byte as it came.");
        }

        return WebhookEvent.Read(id, body);
    }

    private static byte[] Bytes(string secret)
    {
        if (string.IsNullOrEmpty(secret) || !secret.StartsWith(Prefix, StringComparison.Ordinal))
        {
            throw new ArgumentException($"A webhook's secret begins with {Prefix}; a public key (whpk_) cannot check v1 signatures.");
        }

        try
        {
            return Convert.FromBase64String(secret[Prefix.Length..]) is { Length: > 0 } bytes ? bytes : throw new FormatException();
        }
        catch (FormatException)
        {
            // The text of the exception below must not show the secret.
            throw new ArgumentException($"What follows {Prefix} is not base64.");
        }
    }

    // Every secret is held against every signature, so that the time tells nothing of which one was near.
    private bool IsSigned(ReadOnlySpan<byte> body, string id, string timestamp, string signature)
    {
        var head = Encoding.UTF8.GetBytes($"{id}.{timestamp}.");
        var content = new byte[head.Length + body.Length];
        head.CopyTo(content, 0);
        body.CopyTo(content.AsSpan(head.Length));
        var fits = false;
        foreach (var secret in _secrets)
        {
            var expected = Encoding.ASCII.GetBytes(Version + Convert.ToBase64String(HMACSHA256.HashData(secret, content)));
            foreach (var one in signature.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                fits |= CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), expected);
            }
        }

        return fits;
    }
}

/// <summary>A delivery is not genuine, too old or no event.</summary>
public sealed class ZoetropeWebhookException(string message, Exception? inner = null) : ZoetropeException(message, inner);
