using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Zoetrope.Contracts.Admin;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <summary>The operator's door: accounts and their API keys. It needs the operator's key, which no customer has.</summary>
public sealed class ZoetropeAdminClient : IDisposable
{
    private readonly Transport _transport;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <param name="address">The server, as <c>https://media.example.com</c>.</param>
    /// <param name="operatorKey">The operator's key (<c>zadm-…</c>).</param>
    /// <param name="options">How it behaves; null for the defaults.</param>
    public ZoetropeAdminClient(Uri address, string operatorKey, ZoetropeClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentException.ThrowIfNullOrEmpty(operatorKey);
        _transport = new Transport(address, operatorKey, options ?? new ZoetropeClientOptions());
    }

    /// <summary>All accounts, oldest first, page after page.</summary>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <returns>The accounts.</returns>
    public async IAsyncEnumerable<AdminAccount> AccountsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? cursor = null;
        do
        {
            var path = "admin/v1/accounts?limit=100" + (cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}");
            var page = await _transport.CallAsync(
                () => new HttpRequestMessage(HttpMethod.Get, path),
                AdminJson.Default.EnvelopeAdminAccountPage,
                cancellationToken).ConfigureAwait(false);
            foreach (var account in page.Accounts)
            {
                yield return account;
            }

            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }

    /// <summary>The keys of an account, oldest first, revoked ones included.</summary>
    /// <param name="accountId">The account's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The keys without their secrets.</returns>
    public async Task<IReadOnlyList<AdminKey>> KeysAsync(string accountId, CancellationToken cancellationToken = default)
    {
        var list = await _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Get, Keys(accountId)),
            AdminJson.Default.EnvelopeAdminKeyList,
            cancellationToken).ConfigureAwait(false);
        return list.Keys;
    }

    /// <summary>Makes a key. Tried once: a lost answer would hide the secret of a key that works.</summary>
    /// <param name="accountId">Who owns it.</param>
    /// <param name="request">What it may do.</param>
    /// <param name="cancellationToken">Ends the call; the key may exist all the same.</param>
    /// <returns>The key with its secret, which is not shown again.</returns>
    public Task<AdminKey> CreateKeyAsync(string accountId, AdminKeyRequest request, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => Transport.Once(new HttpRequestMessage(HttpMethod.Post, Keys(accountId))
            {
                Content = JsonContent.Create(request, AdminJson.Default.AdminKeyRequest),
            }),
            AdminJson.Default.EnvelopeAdminKey,
            cancellationToken);

    /// <summary>Revokes a key for good.</summary>
    /// <param name="accountId">Who owns it.</param>
    /// <param name="keyId">The key's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The key as it is now.</returns>
    public Task<AdminKey> RevokeKeyAsync(string accountId, string keyId, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Delete, $"{Keys(accountId)}/{Uri.EscapeDataString(keyId)}"),
            AdminJson.Default.EnvelopeAdminKey,
            cancellationToken);

    /// <summary>Closes the connections; a handler given in the options stays open.</summary>
    public void Dispose() => _transport.Dispose();

    private static string Keys(string accountId) => $"admin/v1/accounts/{Uri.EscapeDataString(accountId)}/keys";
}

/// <summary>How the operator's records are read and written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AdminKeyRequest))]
[JsonSerializable(typeof(Envelope<AdminAccountPage>))]
[JsonSerializable(typeof(Envelope<AdminKey>))]
[JsonSerializable(typeof(Envelope<AdminKeyList>))]
internal sealed partial class AdminJson : JsonSerializerContext;
