using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>What OpenIddict's application store has and this server never calls; a call throws and says why.</summary>
internal abstract class OAuthClientStoreBase
{
    public ValueTask<long> CountAsync(CancellationToken cancellationToken) => throw Never();

    public ValueTask<long> CountAsync<TResult>(
        Func<IQueryable<OAuthClient>,IQueryable<TResult>> query, CancellationToken cancellationToken) =>
        throw Never();

    public ValueTask CreateAsync(OAuthClient application, CancellationToken cancellationToken) => throw Never();

    public ValueTask DeleteAsync(OAuthClient application, CancellationToken cancellationToken) => throw Never();

    public IAsyncEnumerable<OAuthClient> FindByPostLogoutRedirectUriAsync(string uri, CancellationToken cancellationToken) => throw Never();

    public IAsyncEnumerable<OAuthClient> FindByRedirectUriAsync(string uri, CancellationToken cancellationToken) => throw Never();

    public ValueTask<TResult?> GetAsync<TState,TResult>(
        Func<IQueryable<OAuthClient>,TState,IQueryable<TResult>> query, TState state, CancellationToken cancellationToken) =>
        throw Never();

    public ValueTask<OAuthClient> InstantiateAsync(CancellationToken cancellationToken) => throw Never();

    public IAsyncEnumerable<OAuthClient> ListAsync(int? count, int? offset, CancellationToken cancellationToken) => throw Never();

    public IAsyncEnumerable<TResult> ListAsync<TState,TResult>(
        Func<IQueryable<OAuthClient>,TState,IQueryable<TResult>> query, TState state, CancellationToken cancellationToken) =>
        throw Never();

    public ValueTask SetApplicationTypeAsync(OAuthClient application, string? type, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetClientIdAsync(OAuthClient application, string? identifier, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetClientSecretAsync(OAuthClient application, string? secret, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetClientTypeAsync(OAuthClient application, string? type, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetConsentTypeAsync(OAuthClient application, string? type, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetDisplayNameAsync(OAuthClient application, string? name, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetDisplayNamesAsync(
        OAuthClient application, ImmutableDictionary<CultureInfo,string> names, CancellationToken cancellationToken) =>
        throw Never();

    public ValueTask SetJsonWebKeySetAsync(OAuthClient application, JsonWebKeySet? set, CancellationToken cancellationToken) =>
        throw Never();

    public ValueTask SetPermissionsAsync(
        OAuthClient application, ImmutableArray<string> permissions, CancellationToken cancellationToken) =>
        throw Never();

    public ValueTask SetPostLogoutRedirectUrisAsync(
        OAuthClient application, ImmutableArray<string> uris, CancellationToken cancellationToken) =>
        throw Never();

    public ValueTask SetPropertiesAsync(
        OAuthClient application, ImmutableDictionary<string,JsonElement> properties, CancellationToken cancellationToken) =>
        throw Never();

    public ValueTask SetRedirectUrisAsync(OAuthClient application, ImmutableArray<string> uris, CancellationToken cancellationToken) =>
        throw Never();

    public ValueTask SetRequirementsAsync(
        OAuthClient application, ImmutableArray<string> requirements, CancellationToken cancellationToken) =>
        throw Never();

    public ValueTask SetSettingsAsync(
        OAuthClient application, ImmutableDictionary<string,string> settings, CancellationToken cancellationToken) =>
        throw Never();

    public ValueTask UpdateAsync(OAuthClient application, CancellationToken cancellationToken) => throw Never();

    private static NotSupportedException Never() => new("Programs register themselves. This store only looks them up.");
}
