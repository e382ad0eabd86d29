using System.Collections.Immutable;
using System.Text.Json;
using OpenIddict.Abstractions;
using Zoetrope.Server.Accounts;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>
/// What a person allowed, as OpenIddict reads it: a row of <c>api_keys</c> of the kind grant, which only the consent page
/// makes.
/// </summary>
internal sealed class OAuthGrantStore(Grants grants) : OAuthGrantStoreBase, IOpenIddictAuthorizationStore<ApiKey>
{
    public ValueTask<ApiKey?> FindByIdAsync(string identifier, CancellationToken cancellationToken) => grants.FindAsync(identifier);

    public ValueTask<string?> GetApplicationIdAsync(ApiKey authorization, CancellationToken cancellationToken) =>
        new(authorization.ClientId);

    public ValueTask<DateTimeOffset?> GetCreationDateAsync(ApiKey authorization, CancellationToken cancellationToken) =>
        new(DateTimeOffset.FromUnixTimeMilliseconds(authorization.CreatedAt));

    public ValueTask<string?> GetIdAsync(ApiKey authorization, CancellationToken cancellationToken) => new(authorization.Id);

    public ValueTask<ImmutableDictionary<string,JsonElement>> GetPropertiesAsync(
        ApiKey authorization, CancellationToken cancellationToken) =>
        new(ImmutableDictionary<string, JsonElement>.Empty);

    public ValueTask<ImmutableArray<string>> GetScopesAsync(ApiKey authorization, CancellationToken cancellationToken) =>
        new(ImmutableArray<string>.Empty);

    public ValueTask<string?> GetStatusAsync(ApiKey authorization, CancellationToken cancellationToken) =>
        new(authorization.RevokedAt is null ? Statuses.Valid : Statuses.Revoked);

    public ValueTask<string?> GetSubjectAsync(ApiKey authorization, CancellationToken cancellationToken) => new(authorization.Id);

    public ValueTask<string?> GetTypeAsync(ApiKey authorization, CancellationToken cancellationToken) => new(AuthorizationTypes.Permanent);
}
