using System.Collections.Immutable;
using System.Text.Json;
using OpenIddict.Abstractions;
using Zoetrope.Server.Accounts;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>What a person allowed, as OpenIddict reads it: a row of <c>api_keys</c> of the kind grant, which only the consent page makes.</summary>
internal sealed class OAuthGrantStore(Grants grants) : IOpenIddictAuthorizationStore<ApiKey>
{
    public ValueTask<long> CountAsync(CancellationToken cancellationToken) => throw Never();

    public ValueTask<long> CountAsync<TResult>(Func<IQueryable<ApiKey>,IQueryable<TResult>> query, CancellationToken cancellationToken) => throw Never();

    public ValueTask CreateAsync(ApiKey authorization, CancellationToken cancellationToken) => throw Never();

    public ValueTask DeleteAsync(ApiKey authorization, CancellationToken cancellationToken) => throw Never();

    public IAsyncEnumerable<ApiKey> FindAsync(string? subject, string? client, string? status, string? type, ImmutableArray<string>? scopes, CancellationToken cancellationToken) => throw Never();

    public IAsyncEnumerable<ApiKey> FindByApplicationIdAsync(string identifier, CancellationToken cancellationToken) => throw Never();

    public ValueTask<ApiKey?> FindByIdAsync(string identifier, CancellationToken cancellationToken) => grants.FindAsync(identifier);

    public IAsyncEnumerable<ApiKey> FindBySubjectAsync(string subject, CancellationToken cancellationToken) => throw Never();

    public ValueTask<string?> GetApplicationIdAsync(ApiKey authorization, CancellationToken cancellationToken) => new(authorization.ClientId);

    public ValueTask<TResult?> GetAsync<TState,TResult>(Func<IQueryable<ApiKey>,TState,IQueryable<TResult>> query, TState state, CancellationToken cancellationToken) => throw Never();

    public ValueTask<DateTimeOffset?> GetCreationDateAsync(ApiKey authorization, CancellationToken cancellationToken) => new(DateTimeOffset.FromUnixTimeMilliseconds(authorization.CreatedAt));

    public ValueTask<string?> GetIdAsync(ApiKey authorization, CancellationToken cancellationToken) => new(authorization.Id);

    public ValueTask<ImmutableDictionary<string,JsonElement>> GetPropertiesAsync(ApiKey authorization, CancellationToken cancellationToken) => new(ImmutableDictionary<string, JsonElement>.Empty);

    public ValueTask<ImmutableArray<string>> GetScopesAsync(ApiKey authorization, CancellationToken cancellationToken) => new(ImmutableArray<string>.Empty);

    public ValueTask<string?> GetStatusAsync(ApiKey authorization, CancellationToken cancellationToken) => new(authorization.RevokedAt is null ? Statuses.Valid : Statuses.Revoked);

    public ValueTask<string?> GetSubjectAsync(ApiKey authorization, CancellationToken cancellationToken) => new(authorization.Id);

    public ValueTask<string?> GetTypeAsync(ApiKey authorization, CancellationToken cancellationToken) => new(AuthorizationTypes.Permanent);

    public ValueTask<ApiKey> InstantiateAsync(CancellationToken cancellationToken) => throw Never();

    public IAsyncEnumerable<ApiKey> ListAsync(int? count, int? offset, CancellationToken cancellationToken) => throw Never();

    public IAsyncEnumerable<TResult> ListAsync<TState,TResult>(Func<IQueryable<ApiKey>,TState,IQueryable<TResult>> query, TState state, CancellationToken cancellationToken) => throw Never();

    public ValueTask<long> PruneAsync(DateTimeOffset threshold, CancellationToken cancellationToken) => throw Never();

    public ValueTask<long> RevokeAsync(string? subject, string? client, string? status, string? type, CancellationToken cancellationToken) => throw Never();

    public ValueTask<long> RevokeByApplicationIdAsync(string identifier, CancellationToken cancellationToken) => throw Never();

    public ValueTask<long> RevokeBySubjectAsync(string subject, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetApplicationIdAsync(ApiKey authorization, string? identifier, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetCreationDateAsync(ApiKey authorization, DateTimeOffset? date, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetPropertiesAsync(ApiKey authorization, ImmutableDictionary<string,JsonElement> properties, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetScopesAsync(ApiKey authorization, ImmutableArray<string> scopes, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetStatusAsync(ApiKey authorization, string? status, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetSubjectAsync(ApiKey authorization, string? subject, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetTypeAsync(ApiKey authorization, string? type, CancellationToken cancellationToken) => throw Never();

    public ValueTask UpdateAsync(ApiKey authorization, CancellationToken cancellationToken) => throw Never();

    private static NotSupportedException Never() => new("Grants are made on the consent page and are only looked up here.");
}
