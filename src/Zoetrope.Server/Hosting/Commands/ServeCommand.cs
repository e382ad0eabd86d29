namespace Zoetrope.Server.Hosting.Commands;

/// <summary>Runs the server until it is told to stop.</summary>
internal static class ServeCommand
{
    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var host = HostSettings.FromEnvironment();
        ListenAddresses.Check(host.Urls);
        await using var app = await ZoetropeHost.BuildAsync(host);
        var firstKey = await FirstKey.EnsureAsync(app.Services, host.DataDirectory);
        await app.StartAsync(cancellationToken);
        Banner.Print(Console.Out, ListenAddresses.Reachable(app.Urls.First()), host.DataDirectory, firstKey);
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }
}
