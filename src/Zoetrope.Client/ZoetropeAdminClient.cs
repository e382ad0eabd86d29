using System.Globalization;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Zoetrope.Contracts.Admin;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <summary>
/// The operator's door: accounts, their keys and credits, providers, tasks, cases. It needs the operator's key, which no customer has, or
/// the session of a person who runs the server.
/// </summary>
public sealed partial class ZoetropeAdminClient : IDisposable
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

    private ZoetropeAdminClient(Transport transport) => _transport = transport;

    /// <summary>
    /// A client without a key, for a page of the server's own: the browser sends the cookie of whoever is signed in, who must run the
    /// server. What moves credits or hands out keys and vouchers needs a proof of the last ten minutes (<c>PROOF_NEEDED</c>).
    /// </summary>
    /// <param name="address">The server that the page came from.</param>
    /// <param name="options">How it behaves; null for the defaults.</param>
    /// <returns>A client that acts as the signed-in operator.</returns>
    public static ZoetropeAdminClient OfSession(Uri address, ZoetropeClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);

        // The operator's door has no mode: where one matters, a call names it.
        return new ZoetropeAdminClient(new Transport(address, null, options ?? new ZoetropeClientOptions(), "test"));
    }

    /// <summary>All accounts, oldest first, page after page.</summary>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <returns>The accounts.</returns>
    public async IAsyncEnumerable<AdminAccount> AccountsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? cursor = null;
        do
        {
            var path = Path("accounts", ("limit", "100"), ("cursor", cursor));
            var page = await GetAsync(path, AdminJson.Default.EnvelopeAdminAccountPage, cancellationToken).ConfigureAwait(false);
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
        var list = await GetAsync(Keys(accountId), AdminJson.Default.EnvelopeAdminKeyList, cancellationToken).ConfigureAwait(false);
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

    private static string Path(string path, params (string Name, string? Value)[] query)
    {
        var parts = query.Where(part => part.Value is not null).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}").ToList();
        return $"admin/v1/{path}{(parts.Count == 0 ? "" : "?")}{string.Join('&', parts)}";
    }

    private static string? Text(DateTimeOffset? time) => time?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private Task<T> GetAsync<T>(string path, JsonTypeInfo<Envelope<T>> shape, CancellationToken cancellationToken) =>
        _transport.CallAsync(() => new HttpRequestMessage(HttpMethod.Get, path), shape, cancellationToken);

    private Task<T> SendAsync<T>(HttpMethod method, string path, JsonObject? body, JsonTypeInfo<Envelope<T>> shape, CancellationToken cancellationToken) =>
        _transport.CallAsync(
            () => new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, AdminJson.Default.JsonObject) },
            shape,
            cancellationToken);
}

/// <summary>How the operator's records are read and written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AdminKeyRequest))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(Envelope<AdminAccountPage>))]
[JsonSerializable(typeof(Envelope<AdminAccount>))]
[JsonSerializable(typeof(Envelope<AdminAccountOverview>))]
[JsonSerializable(typeof(Envelope<AdminBooking>))]
[JsonSerializable(typeof(Envelope<AdminKey>))]
[JsonSerializable(typeof(Envelope<AdminKeyList>))]
[JsonSerializable(typeof(Envelope<AdminProviderList>))]
[JsonSerializable(typeof(Envelope<AdminProviderHistory>))]
[JsonSerializable(typeof(Envelope<AdminProviderErrors>))]
[JsonSerializable(typeof(Envelope<AdminProviderPause>))]
[JsonSerializable(typeof(Envelope<AdminProviderTest>))]
[JsonSerializable(typeof(Envelope<AdminCases>))]
[JsonSerializable(typeof(Envelope<AdminCase>))]
[JsonSerializable(typeof(Envelope<AdminSuspense>))]
[JsonSerializable(typeof(Envelope<AdminResolvedSuspense>))]
[JsonSerializable(typeof(Envelope<AdminMargin>))]
[JsonSerializable(typeof(Envelope<AdminTaskPage>))]
[JsonSerializable(typeof(Envelope<AdminTaskRecord>))]
[JsonSerializable(typeof(Envelope<AdminRevealedTask>))]
[JsonSerializable(typeof(Envelope<AuditPage>))]
[JsonSerializable(typeof(Envelope<AdminMadeVouchers>))]
[JsonSerializable(typeof(Envelope<AdminVoucherBatchPage>))]
[JsonSerializable(typeof(Envelope<AdminVoucherBatchRecord>))]
[JsonSerializable(typeof(Envelope<AdminRevokedVouchers>))]
internal sealed partial class AdminJson : JsonSerializerContext;
