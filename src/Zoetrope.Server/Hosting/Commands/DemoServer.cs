namespace Zoetrope.Server.Hosting.Commands;

/// <summary>The server a demo talks to: the running one, or a temporary one in this process on the same data.</summary>
internal sealed class DemoServer(string url, string key, WebApplication? temporary) : IAsyncDisposable
{
    public string Url => url;

    public string Key => key;

    public CancellationToken Stopping => temporary?.Lifetime.ApplicationStopping ?? CancellationToken.None;

    public static async Task<DemoServer> FindOrStartAsync(HostSettings host, CancellationToken cancellationToken)
    {
        var url = ListenAddresses.Reachable(host.Urls.Split(';')[0]);
        if (await DemoClient.AnswersAsync(url, cancellationToken))
        {
            var key = ReadKey(host.DataDirectory);
            await CommandOutput.NoteAsync($"Server {url}, key of {KeySource(host.DataDirectory)}");
            return new DemoServer(url, key, null);
        }

        var app = await ZoetropeHost.BuildAsync(host with { Urls = "http://127.0.0.1:0" });
        try
        {
            await FirstKey.EnsureAsync(app.Services, host.DataDirectory);
            await app.StartAsync(cancellationToken);
            await CommandOutput.NoteAsync(
                $"No server answers at {url} (ZOETROPE_URLS). A temporary one makes this, with the data in {host.DataDirectory} "
                + "(ZOETROPE_DATA).");
            return new DemoServer(ListenAddresses.Reachable(app.Urls.First()), ReadKey(host.DataDirectory), app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (temporary is not null)
        {
            await temporary.StopAsync();
            await temporary.DisposeAsync();
        }
    }

    /// <summary>Where the key comes from, for people.</summary>
    public static string KeySource(string dataDirectory) =>
        Environment.GetEnvironmentVariable("ZOETROPE_API_KEY") is { Length: > 0 } ? "ZOETROPE_API_KEY" : FirstKey.PathOf(dataDirectory);

    private static string ReadKey(string dataDirectory) =>
        Environment.GetEnvironmentVariable("ZOETROPE_API_KEY") is { Length: > 0 } given ? given
        : FirstKey.Read(dataDirectory)
        ?? throw new StartException(
            "NO_KEY", $"{FirstKey.PathOf(dataDirectory)} contains no key. Set ZOETROPE_API_KEY, or create a key with ./run key create.");
}
