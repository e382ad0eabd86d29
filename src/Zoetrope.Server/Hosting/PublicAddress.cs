namespace Zoetrope.Server.Hosting;

/// <summary>
/// The address clients reach this server at: the configured one, or else the first listening address, which is known
/// only once the server listens (tests take port 0).
/// </summary>
internal sealed class PublicAddress(string configured)
{
    private readonly bool _isConfigured = configured.Length > 0;
    private string _url = configured;

    public string Url => Volatile.Read(ref _url).TrimEnd('/');

    public void Listening(IEnumerable<string> urls)
    {
        if (!_isConfigured)
        {
            Volatile.Write(ref _url, Reachable(urls.First()));
        }
    }

    /// <summary>A listening address as a client on this machine would write it.</summary>
    public static string Reachable(string url) => url
        .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal)
        .Replace("://[::]", "://127.0.0.1", StringComparison.Ordinal)
        .Replace("://*", "://127.0.0.1", StringComparison.Ordinal)
        .Replace("://+", "://127.0.0.1", StringComparison.Ordinal)
        .TrimEnd('/');
}
