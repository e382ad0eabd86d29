using System.Globalization;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <content>The account's keys and its log, for whoever manages them, who the key is, and the care of results.</content>
public sealed partial class ZoetropeClient
{
    /// <summary>Who the key is to the server: its account, its limits with what is used of them, its credits.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The caller.</returns>
    public Task<MeState> MeAsync(CancellationToken cancellationToken = default) =>
        _transport.CallAsync(() => new HttpRequestMessage(HttpMethod.Get, "api/v1/me"), KeyJson.Default.EnvelopeMeState, cancellationToken);

    /// <summary>The keys that this key may manage, newest first, page after page. It needs the scope <c>keys</c>.</summary>
    /// <param name="all">Those that were revoked or have expired as well.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <returns>The keys.</returns>
    public async IAsyncEnumerable<KeyState> KeysAsync(
        bool all = false, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? cursor = null;
        do
        {
            var path = "api/v1/keys?limit=100" + (all ? "&all=true" : "") + (cursor is null ? "" : "&" + Part("cursor", cursor));
            var page = await _transport.CallAsync(
                () => new HttpRequestMessage(HttpMethod.Get, path), KeyJson.Default.EnvelopeKeyPage, cancellationToken).ConfigureAwait(false);
            foreach (var key in page.Keys)
            {
                yield return key;
            }

            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }

    /// <summary>Makes a key, never wider than this one. Its secret is in the answer and is not shown again.</summary>
    /// <param name="request">What it shall be.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The key with its secret.</returns>
    public Task<KeyState> CreateKeyAsync(KeyRequest request, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => Transport.Once(new HttpRequestMessage(HttpMethod.Post, "api/v1/keys")
            {
                Content = JsonContent.Create(request, KeyJson.Default.KeyRequest),
            }),
            KeyJson.Default.EnvelopeKeyState,
            cancellationToken);

    /// <summary>Changes what a key may do.</summary>
    /// <param name="keyId">The key's id.</param>
    /// <param name="request">What changes; null keeps one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The key as it is now.</returns>
    public Task<KeyState> ChangeKeyAsync(string keyId, KeyRequest request, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Patch, Key(keyId)) { Content = JsonContent.Create(request, KeyJson.Default.KeyRequest) },
            KeyJson.Default.EnvelopeKeyState,
            cancellationToken);

    /// <summary>Replaces a key by one with a new secret, which is in the answer and is not shown again.</summary>
    /// <param name="keyId">The key's id.</param>
    /// <param name="grace">How long the old secret still works; null is not at all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The new key with its secret.</returns>
    public Task<KeyState> RotateKeyAsync(string keyId, TimeSpan? grace = null, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => Transport.Once(new HttpRequestMessage(HttpMethod.Post, Key(keyId) + "/rotate")
            {
                Content = JsonContent.Create(
                    new KeyRotation { GraceSeconds = grace is { } time ? (long)time.TotalSeconds : null }, KeyJson.Default.KeyRotation),
            }),
            KeyJson.Default.EnvelopeKeyState,
            cancellationToken);

    /// <summary>Revokes a key for good; when the answer is there, no node accepts it.</summary>
    /// <param name="keyId">The key's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The key at its end.</returns>
    public Task<KeyState> RevokeKeyAsync(string keyId, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => Transport.Once(new HttpRequestMessage(HttpMethod.Delete, Key(keyId))), KeyJson.Default.EnvelopeKeyState, cancellationToken);

    /// <summary>Who changed what of the account, newest first, page after page. It needs the scope <c>audit</c>.</summary>
    /// <param name="action">One action, such as <c>key.created</c>, or all of a kind, such as <c>key.</c>; null for all.</param>
    /// <param name="from">From this time; null for the beginning.</param>
    /// <param name="to">Before this time; null for now.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <returns>The changes.</returns>
    public async IAsyncEnumerable<AuditRecord> AuditAsync(
        string? action = null,
        DateTimeOffset? from = null,
        DateTimeOffset? to = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? cursor = null;
        do
        {
            string?[] parts = [Part("action", action), Part("from", Time(from)), Part("to", Time(to)), Part("cursor", cursor)];
            var path = string.Join('&', parts.Where(part => part is not null).Prepend("api/v1/audit?limit=100"));
            var page = await _transport.CallAsync(
                () => new HttpRequestMessage(HttpMethod.Get, path), KeyJson.Default.EnvelopeAuditPage, cancellationToken).ConfigureAwait(false);
            foreach (var entry in page.Entries)
            {
                yield return entry;
            }

            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }

    /// <summary>Gives a task a star, or puts it into a collection.</summary>
    /// <param name="taskId">The task's id.</param>
    /// <param name="star">True gives it a star, false takes it away, null leaves it.</param>
    /// <param name="collection">The collection; empty takes it out of one, null leaves it.</param>
    /// <param name="tags">All its tags; empty takes them away, null leaves them. Usage counts it by those of its request.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The task as it is now.</returns>
    public Task<TaskState> ChangeTaskAsync(
        string taskId,
        bool? star = null,
        string? collection = null,
        IReadOnlyDictionary<string, string>? tags = null,
        CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () =>
            {
                var change = new JsonObject();
                if (star is { } given)
                {
                    change["star"] = given;
                }

                if (collection is not null)
                {
                    change["collection"] = collection.Length == 0 ? null : collection;
                }

                if (tags is not null)
                {
                    change["tags"] = new JsonObject(tags.Select(tag => KeyValuePair.Create(tag.Key, (JsonNode?)tag.Value)));
                }

                return new HttpRequestMessage(HttpMethod.Patch, $"api/v1/tasks/{Uri.EscapeDataString(taskId)}")
                {
                    Content = JsonContent.Create(change, KeyJson.Default.JsonObject),
                };
            },
            ClientJson.Default.EnvelopeTaskState,
            cancellationToken);

    /// <summary>Makes a link that shows the result of a task to whoever has it, or changes what it shows.</summary>
    /// <param name="taskId">The task's id.</param>
    /// <param name="words">Whether it shows the prompt.</param>
    /// <param name="expiresAt">When it ends; null means that it stands.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The task, with its <c>share</c>.</returns>
    public Task<TaskState> ShareTaskAsync(
        string taskId, bool words, DateTimeOffset? expiresAt = null, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Post, $"api/v1/tasks/{Uri.EscapeDataString(taskId)}/share")
            {
                Content = JsonContent.Create(
                    new JsonObject { ["words"] = words, ["expiresAt"] = expiresAt?.ToString("O", CultureInfo.InvariantCulture) },
                    KeyJson.Default.JsonObject),
            },
            ClientJson.Default.EnvelopeTaskState,
            cancellationToken);

    /// <summary>Ends the link of a task's result.</summary>
    /// <param name="taskId">The task's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The task as it is now.</returns>
    public Task<TaskState> UnshareTaskAsync(string taskId, CancellationToken cancellationToken = default) => _transport.CallAsync(
        () => Transport.Once(new HttpRequestMessage(HttpMethod.Delete, $"api/v1/tasks/{Uri.EscapeDataString(taskId)}/share")),
        ClientJson.Default.EnvelopeTaskState,
        cancellationToken);

    /// <summary>Turns a voucher into credits of the account, once.</summary>
    /// <param name="code">Its code.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What was added.</returns>
    public Task<Redeemed> RedeemAsync(string code, CancellationToken cancellationToken = default) => _transport.CallAsync(
        () => new HttpRequestMessage(HttpMethod.Post, "api/v1/vouchers/redeem")
        {
            Content = JsonContent.Create(new RedeemRequest(code), KeyJson.Default.RedeemRequest),
        },
        KeyJson.Default.EnvelopeRedeemed,
        cancellationToken);

    /// <summary>Deletes the files that a task has made, for good. The task stays, with its price.</summary>
    /// <param name="taskId">The task's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The task without a result.</returns>
    public Task<TaskState> DeleteResultAsync(string taskId, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => Transport.Once(new HttpRequestMessage(HttpMethod.Delete, $"api/v1/tasks/{Uri.EscapeDataString(taskId)}/result")),
            ClientJson.Default.EnvelopeTaskState,
            cancellationToken);

    private static string Key(string id) => $"api/v1/keys/{Uri.EscapeDataString(id)}";
}

/// <summary>How keys are read and written; what is not named is left out.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(KeyRotation))]
[JsonSerializable(typeof(Envelope<KeyState>))]
[JsonSerializable(typeof(Envelope<KeyPage>))]
[JsonSerializable(typeof(Envelope<MeState>))]
[JsonSerializable(typeof(Envelope<AuditPage>))]
[JsonSerializable(typeof(RedeemRequest))]
[JsonSerializable(typeof(Envelope<Redeemed>), TypeInfoPropertyName = "EnvelopeRedeemed")]
internal sealed partial class KeyJson : JsonSerializerContext;
