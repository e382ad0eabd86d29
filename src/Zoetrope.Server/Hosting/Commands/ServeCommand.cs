namespace Zoetrope.Server.Hosting.Commands;

/// <summary>Runs the server until it is told to stop.</summary>
internal static class ServeCommand
{
    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var host = HostSettings.FromEnvironment();
        ListenAddresses.Check(host.Urls);
        await using var app = await ZoetropeHost.BuildAsync(host);

        // TODO accounts: var firstKey = await FirstStart.EnsureAsync(…) and pass it to the banner.
        string? firstKey = null;
        await app.StartAsync(cancellationToken);
        Banner.Print(Console.Out, app.Services.GetRequiredService<PublicAddress>().Url, host.DataDirectory, firstKey);
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }
}
