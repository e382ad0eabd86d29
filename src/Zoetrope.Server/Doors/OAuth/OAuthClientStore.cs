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
internal sealed class OAuthClientStore(OAuthClients clients) : OAuthClientStoreBase, IOpenIddictApplicationStore<OAuthClient>
{
    private static readonly ImmutableArray<string> Permitted =
    [
        Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.Endpoints.Revocation,
        Permissions.GrantTypes.AuthorizationCode, Permissions.GrantTypes.RefreshToken, Permissions.ResponseTypes.Code,
    ];

    private static readonly ImmutableArray<string> Required = [Requirements.Features.ProofKeyForCodeExchange];

    public ValueTask<OAuthClient?> FindByIdAsync(string identifier, CancellationToken cancellationToken) => clients.FindAsync(identifier);

    public ValueTask<OAuthClient?> FindByClientIdAsync(string identifier, CancellationToken cancellationToken) =>
        clients.FindAsync(identifier);

    public ValueTask<string?> GetApplicationTypeAsync(OAuthClient application, CancellationToken cancellationToken) =>
        new(application.ApplicationType);

    public ValueTask<string?> GetClientIdAsync(OAuthClient application, CancellationToken cancellationToken) => new(application.Id);

    public ValueTask<string?> GetClientSecretAsync(OAuthClient application, CancellationToken cancellationToken) => new((string?)null);

    public ValueTask<string?> GetClientTypeAsync(OAuthClient application, CancellationToken cancellationToken) => new(ClientTypes.Public);

    public ValueTask<string?> GetConsentTypeAsync(OAuthClient application, CancellationToken cancellationToken) =>
        new(ConsentTypes.Explicit);

    public ValueTask<string?> GetDisplayNameAsync(OAuthClient application, CancellationToken cancellationToken) => new(application.Name);

    public ValueTask<ImmutableDictionary<CultureInfo,string>> GetDisplayNamesAsync(
        OAuthClient application, CancellationToken cancellationToken) =>
        new(ImmutableDictionary<CultureInfo, string>.Empty);

    public ValueTask<string?> GetIdAsync(OAuthClient application, CancellationToken cancellationToken) => new(application.Id);

    public ValueTask<JsonWebKeySet?> GetJsonWebKeySetAsync(OAuthClient application, CancellationToken cancellationToken) =>
        new((JsonWebKeySet?)null);

    public ValueTask<ImmutableArray<string>> GetPermissionsAsync(OAuthClient application, CancellationToken cancellationToken) =>
        new(Permitted);

    public ValueTask<ImmutableArray<string>> GetPostLogoutRedirectUrisAsync(OAuthClient application, CancellationToken cancellationToken) =>
        new(ImmutableArray<string>.Empty);

    public ValueTask<ImmutableDictionary<string,JsonElement>> GetPropertiesAsync(
        OAuthClient application, CancellationToken cancellationToken) =>
        new(ImmutableDictionary<string, JsonElement>.Empty);

    public ValueTask<ImmutableArray<string>> GetRedirectUrisAsync(OAuthClient application, CancellationToken cancellationToken) =>
        new([.. application.Accepted]);

    public ValueTask<ImmutableArray<string>> GetRequirementsAsync(OAuthClient application, CancellationToken cancellationToken) =>
        new(Required);

    public ValueTask<ImmutableDictionary<string,string>> GetSettingsAsync(OAuthClient application, CancellationToken cancellationToken) =>
        new(ImmutableDictionary<string, string>.Empty);
}
