using Zoetrope.Server.Audit;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Events;

/// <summary>
/// What signs deliveries, as its owner sees it: the keys of endpoints, and the one key of an account and mode that signs
/// deliveries to every <c>webhookUrl</c>.
/// </summary>
internal sealed class WebhookSecrets(Database database, WebhookKeys keys, WebhookOptions options, TimeProvider time)
{
    public string SecretOf(WebhookEndpoint endpoint) => keys.SecretText(endpoint.KeyId, endpoint.SecretVersion);

    public string PublicKeyOf(WebhookEndpoint endpoint) => keys.PublicKeyText(endpoint.KeyId, endpoint.SecretVersion);

    /// <summary>The public key for deliveries to <c>webhookUrl</c>s, and until when the previous key also signs.</summary>
    public async Task<(string PublicKey, long? PreviousUntil)> SignerAsync(string accountId, KeyMode mode)
    {
        var signer = await database.ReadAsync(async session => await WebhookSignerStore.FindAsync(session, accountId, mode));
        return (keys.PublicKeyText(WebhookEndpoint.KeyIdOfTasks(accountId, mode), signer.Version), signer.PreviousUntil);
    }

    /// <summary>Makes a new key for them and returns its secret, which is not shown again.</summary>
    public async Task<(string Secret, string PublicKey, long? PreviousUntil)> RotateSignerAsync(
        Actor by, string accountId, KeyMode mode)
    {
        var now = time.GetUtcNow();
        var id = WebhookEndpoint.KeyIdOfTasks(accountId, mode);
        var signer = await database.InTransactionAsync(async tx =>
        {
            var rotated = await WebhookSignerStore.RotateAsync(tx, accountId, mode, options.OverlapEnd(now));
            var entry = new AuditEntry(accountId, "webhook.shared_secret_rotated", mode.Word()) { After = new { version = rotated.Version } };
            await AuditLog.AppendAsync(tx, by, entry, now);
            return rotated;
        });
        return (keys.SecretText(id, signer.Version), keys.PublicKeyText(id, signer.Version), signer.PreviousUntil);
    }
}
