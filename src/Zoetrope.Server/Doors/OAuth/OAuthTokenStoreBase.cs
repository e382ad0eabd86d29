

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>What OpenIddict's token store has and this server never calls; a call throws and says why.</summary>
internal abstract class OAuthTokenStoreBase
{
    public ValueTask<long> CountAsync(CancellationToken cancellationToken) => throw Never();

    public ValueTask<long> CountAsync<TResult>(
        Func<IQueryable<OAuthToken>,IQueryable<TResult>> query, CancellationToken cancellationToken) =>
        throw Never();

    public ValueTask DeleteAsync(OAuthToken token, CancellationToken cancellationToken) => throw Never();

    public IAsyncEnumerable<OAuthToken> FindAsync(
        string? subject, string? client, string? status, string? type, CancellationToken cancellationToken) =>
        throw Never();

    public IAsyncEnumerable<OAuthToken> FindByApplicationIdAsync(string identifier, CancellationToken cancellationToken) => throw Never();

    public IAsyncEnumerable<OAuthToken> FindByAuthorizationIdAsync(string identifier, CancellationToken cancellationToken) => throw Never();

    public IAsyncEnumerable<OAuthToken> FindBySubjectAsync(string subject, CancellationToken cancellationToken) => throw Never();

    public ValueTask<TResult?> GetAsync<TState,TResult>(
        Func<IQueryable<OAuthToken>,TState,IQueryable<TResult>> query, TState state, CancellationToken cancellationToken) =>
        throw Never();

    public IAsyncEnumerable<OAuthToken> ListAsync(int? count, int? offset, CancellationToken cancellationToken) => throw Never();

    public IAsyncEnumerable<TResult> ListAsync<TState,TResult>(
        Func<IQueryable<OAuthToken>,TState,IQueryable<TResult>> query, TState state, CancellationToken cancellationToken) =>
        throw Never();

    public ValueTask<long> PruneAsync(DateTimeOffset threshold, CancellationToken cancellationToken) => throw Never();

    public ValueTask<long> RevokeAsync(
        string? subject, string? client, string? status, string? type, CancellationToken cancellationToken) =>
        throw Never();

    public ValueTask<long> RevokeByApplicationIdAsync(string identifier, CancellationToken cancellationToken) => throw Never();

    public ValueTask<long> RevokeBySubjectAsync(string subject, CancellationToken cancellationToken) => throw Never();

    private static NotSupportedException Never() => new("This store finds tokens one by one.");
}
