using System.Collections.Immutable;
using System.Text.Json;
using Zoetrope.Server.Accounts;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>What OpenIddict's authorization store has and this server never calls; a call throws and says why.</summary>
internal abstract class OAuthGrantStoreBase
{
    public ValueTask<long> CountAsync(CancellationToken cancellationToken) => throw Never();

    public ValueTask<long> CountAsync<TResult>(Func<IQueryable<ApiKey>,IQueryable<TResult>> query, CancellationToken cancellationToken) =>
        throw Never();

    public ValueTask CreateAsync(ApiKey authorization, CancellationToken cancellationToken) => throw Never();

    public ValueTask DeleteAsync(ApiKey authorization, CancellationToken cancellationToken) => throw Never();

    public IAsyncEnumerable<ApiKey> FindAsync(
        string? subject,
        string? client,
        string? status,
        string? type,
        ImmutableArray<string>? scopes,
        CancellationToken cancellationToken) =>
        throw Never();

    public IAsyncEnumerable<ApiKey> FindByApplicationIdAsync(string identifier, CancellationToken cancellationToken) => throw Never();

    public IAsyncEnumerable<ApiKey> FindBySubjectAsync(string subject, CancellationToken cancellationToken) => throw Never();

    public ValueTask<TResult?> GetAsync<TState,TResult>(
        Func<IQueryable<ApiKey>,TState,IQueryable<TResult>> query, TState state, CancellationToken cancellationToken) =>
        throw Never();

    public ValueTask<ApiKey> InstantiateAsync(CancellationToken cancellationToken) => throw Never();

    public IAsyncEnumerable<ApiKey> ListAsync(int? count, int? offset, CancellationToken cancellationToken) => throw Never();

    public IAsyncEnumerable<TResult> ListAsync<TState,TResult>(
        Func<IQueryable<ApiKey>,TState,IQueryable<TResult>> query, TState state, CancellationToken cancellationToken) =>
        throw Never();

    public ValueTask<long> PruneAsync(DateTimeOffset threshold, CancellationToken cancellationToken) => throw Never();

    public ValueTask<long> RevokeAsync(
        string? subject, string? client, string? status, string? type, CancellationToken cancellationToken) =>
        throw Never();

    public ValueTask<long> RevokeByApplicationIdAsync(string identifier, CancellationToken cancellationToken) => throw Never();

    public ValueTask<long> RevokeBySubjectAsync(string subject, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetApplicationIdAsync(ApiKey authorization, string? identifier, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetCreationDateAsync(ApiKey authorization, DateTimeOffset? date, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetPropertiesAsync(
        ApiKey authorization, ImmutableDictionary<string,JsonElement> properties, CancellationToken cancellationToken) =>
        throw Never();

    public ValueTask SetScopesAsync(ApiKey authorization, ImmutableArray<string> scopes, CancellationToken cancellationToken) =>
        throw Never();

    public ValueTask SetStatusAsync(ApiKey authorization, string? status, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetSubjectAsync(ApiKey authorization, string? subject, CancellationToken cancellationToken) => throw Never();

    public ValueTask SetTypeAsync(ApiKey authorization, string? type, CancellationToken cancellationToken) => throw Never();

    public ValueTask UpdateAsync(ApiKey authorization, CancellationToken cancellationToken) => throw Never();

    private static NotSupportedException Never() => new("Grants are created on the consent page. This store only looks them up.");
}
