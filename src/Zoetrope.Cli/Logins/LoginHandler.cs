using System.Net.Http.Headers;

namespace Zoetrope.Cli.Logins;

/// <summary>
/// Puts the access token of now where the one of the start was asked for, and fetches the next before it ends. Requests with another
/// credential, or none, pass as they are.
/// </summary>
internal sealed class LoginHandler(Connection connection, Profiles profiles, TimeProvider time, HttpMessageHandler inner)
    : DelegatingHandler(inner)
{
    // A request that is on its way must not meet the end of its token.
    private static readonly TimeSpan Before = TimeSpan.FromMinutes(1);

    private readonly StoredLogin _first = connection.Login!;
    private readonly SemaphoreSlim _one = new(1);
    private StoredLogin _now = connection.Login!;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Headers.Authorization is { Scheme: "Bearer", Parameter: { } sent } && sent == _first.AccessToken)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(cancellationToken));
        }

        return await base.SendAsync(request, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        _one.Dispose();
        base.Dispose(disposing);
    }

    private async Task<string> TokenAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (IsOld(_now))
            {
                // Another command may have fetched it meanwhile.
                _now = profiles.Find(connection.Profile)?.Login is { } kept && !IsOld(kept) ? kept : await RefreshAsync(cancellationToken);
            }

            return _now.AccessToken;
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<StoredLogin> RefreshAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpMessageInvoker(InnerHandler!, disposeHandler: false);
        var next = await new OAuthCalls(http, connection.Root, time).RefreshAsync(_now, cancellationToken);
        if (profiles.Find(connection.Profile) is { Login.ClientId: { } known } profile && known == next.ClientId)
        {
            profiles.Save(connection.Profile, profile with { Login = next });
        }

        return next;
    }

    private bool IsOld(StoredLogin login) => login.ExpiresAt - Before <= time.GetUtcNow();
}
