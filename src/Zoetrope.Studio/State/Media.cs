namespace Zoetrope.Studio.State;

/// <summary>Files of the server, as this page may load them.</summary>
internal static class Media
{
    /// <summary>
    /// The server names its files by its public address, and this page may have come by another name of the same server
    /// (<c>localhost</c> and <c>127.0.0.1</c>). The signature holds for the path.
    /// </summary>
    public static string Here(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var at) && IsOurs(at.AbsolutePath) ? at.PathAndQuery : url;

    public static bool IsOurs(string path) =>
        path.StartsWith("/files/", StringComparison.Ordinal) || path.StartsWith("/uploads/", StringComparison.Ordinal);
}

/// <summary>The same for what the client sends: an upload goes to where the page came from.</summary>
internal sealed class HereHandler(Uri here) : DelegatingHandler(new HttpClientHandler())
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is { IsAbsoluteUri: true } at && Media.IsOurs(at.AbsolutePath))
        {
            request.RequestUri = new Uri(here, at.PathAndQuery);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
