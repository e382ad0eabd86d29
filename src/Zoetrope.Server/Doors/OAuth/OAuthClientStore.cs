using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>
/// The registered programs as OpenIddict reads them. All are alike: public, with PKCE, the code and refresh flows and nothing
/// else. They come into being only by registering themselves, so nothing here writes.
/// </summary>
internal sealed class OAuthClientStore(OAuthClients clients) : IOpenIddictApplicationStore<OAuthClient>
{
    private static readonly ImmutableArray<string> Permitted =
    [
        Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.Endpoints.Revocation,
        Permissions.GrantTypes.AuthorizationCode, Permissions.GrantTypes.RefreshToken, Permissions.ResponseTypes.Code,
    ];

    private static readonly ImmutableArray<string> Required = [Requirements.Features.ProofKeyForCodeExchange];

    public ValueTask<long> CountAsync(CancellationToken cancellationToken) => throw Never();

    public ValueTask<long> CountAsync<TResult>(Func<IQueryable<OAuthClient>,IQueryable<TResult>> query, CancellationToken cancellationToken) => throw Never();

    public ValueTask CreateAsync(OAuthClient application, CancellationToken cancellationToken) => throw Never();

    public ValueTask DeleteAsync(OAuthClient application, CancellationToken cancellationToken) => throw Never();

    public ValueTask<OAuthClient?> FindByIdAsync(string identifier, CancellationToken cancellationToken) => clients.FindAsync(identifier);

    public ValueTask<OAuthClient?> FindByClientIdAsync(string identifier, CancellationToken cancellationToken) => clients.FindAsync(identifier);

    public IAsyncEnumerable<OAuthClient> FindByPostLogoutRedirectUriAsync(string uri, CancellationToken cancellationToken) => throw Never();

    public IAsyncEnumerable<OAuthClient> FindByRedirectUriAsync(string uri, CancellationToken cancellationToken) => throw Never();

    public ValueTask<string?> GetApplicationTypeAsync(OAuthClient application, CancellationToken cancellationToken) => new(application.ApplicationType);

    public ValueTask<TResult?> GetAsync<TState,TResult>(Func<IQueryable<OAuthClient>,TState,IQueryable<TResult>> query, TState state, CancellationToken cancellationToken) => throw Never();

    public ValueTask<string?> GetClientIdAsync(OAuthClient application, CancellationToken cancellationToken) => new(application.Id);

    public ValueTask<string?> GetClientSecretAsync(OAuthClient application, CancellationToken cancellationToken) => new((string?)null);

    public ValueTask<string?> GetClientTypeAsync(OAuthClient application, CancellationToken cancellationToken) => new(ClientTypes.Public);

    public ValueTask<string?> GetConsentTypeAsync(OAuthClient application, CancellationToken cancellationToken) => new(ConsentTypes.Explicit);

    public ValueTask<string?> GetDisplayNameAsync(OAuthClient application, CancellationToken cancellationToken) => new(application.Name);

    public ValueTask<ImmutableDictionary<CultureInfo,string>> GetDisplayNamesAsync(OAuthClient application, CancellationToken cancellationToken) => new(ImmutableDictionary<CultureInfo, string>.Empty);

    public ValueTask<string?> GetIdAsync(OAuthClient application, CancellationToken cancellationToken) => new(application.Id);

    public ValueTask<JsonWebKeySet?> GetJsonWebKeySetAsync(OAuthClient application, CancellationToken cancellationToken) => new((JsonWebKeySet?)null);

    public ValueTask<ImmutableArray<string>> GetPermissionsAsync(OAuthClient application, CancellationToken cancellationToken) => new(Permitted);

    public ValueTask<ImmutableArray<string>> GetPostLogoutRedirectUrisAsync(OAuthClient application, CancellationToken cancellationToken) => new(ImmutableArray<string>.Empty);

    public ValueTask<ImmutableDictionary<string,JsonElement>> GetPropertiesAsync(OAuthClient application, CancellationToken cancellationToken) => new(ImmutableDictionary<string, JsonElement>.Empty);

    public ValueTask<ImmutableArray<string>> GetRedirectUrisAsync(OAuthClient application, CancellationToken cancellationToken) => new([.. application.Accepted]);

    public ValueTask<ImmutableArray<string>> GetRequirementsAsync(OAuthClient application, CancellationToken cancellationToken) => new(Required);

    public ValueTask<ImmutableDictionary<string,string>> GetSettingsAsync(OAuthClient application, CancellationToken cancellationToken) => new(ImmutableDictionary<string, string>.Empty);

    public ValueTask<OAuthClient> InstantiateAsync(CancellationToken cancellationToken) => throw Never();

    public IAsyncEnumerable<OAuthClient> ListAsync(int? count, int? offset, CancellationToken cancellationToken) => throw Never();

    public IAsyncEnumerable<TResult> ListAsync<TState,TResult>(Func<IQueryable<OAuthClient>,TState,IQueryable<TResult>> query, TState state, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetApplicationTypeAsync(OAuthClient application, string? type, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetClientIdAsync(OAuthClient application, string? identifier, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetClientSecretAsync(OAuthClient application, string? secret, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetClientTypeAsync(OAuthClient application, string? type, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetConsentTypeAsync(OAuthClient application, string? type, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetDisplayNameAsync(OAuthClient application, string? name, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetDisplayNamesAsync(OAuthClient application, ImmutableDictionary<CultureInfo,string> names, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetJsonWebKeySetAsync(OAuthClient application, JsonWebKeySet? set, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetPermissionsAsync(OAuthClient application, ImmutableArray<string> permissions, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetPostLogoutRedirectUrisAsync(OAuthClient application, ImmutableArray<string> uris, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetPropertiesAsync(OAuthClient application, ImmutableDictionary<string,JsonElement> properties, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetRedirectUrisAsync(OAuthClient application, ImmutableArray<string> uris, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetRequirementsAsync(OAuthClient application, ImmutableArray<string> requirements, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetSettingsAsync(OAuthClient application, ImmutableDictionary<string,string> settings, CancellationToken cancellationToken) => throw Never();

    public ValueTask UpdateAsync(OAuthClient application, CancellationToken cancellationToken) => throw Never();

    private static NotSupportedException Never() => new("Programs register themselves and are only looked up here.");
}
