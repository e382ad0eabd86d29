using Microsoft.AspNetCore.Connections;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary>Runs the server until it is told to stop.</summary>
internal static class ServeCommand
{
    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var host = HostSettings.FromEnvironment();
        await using var app = await ZoetropeHost.BuildAsync(host);

        // TODO accounts: var firstKey = await FirstStart.EnsureAsync(…) and pass it to the banner.
        string? firstKey = null;
        await StartAsync(app, host, cancellationToken);
        Banner.Print(Console.Out, app.Services.GetRequiredService<PublicAddress>().Url, host.DataDirectory, firstKey);
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    /// <summary>Starts it, and names the setting when the address is taken or is none.</summary>
    public static async Task StartAsync(WebApplication app, HostSettings host, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            throw new StartException("ADDRESS_IN_USE", $"ZOETROPE_URLS: {host.Urls} is taken by another program", StartException.BadSettings);
        }
        catch (Exception exception) when (exception is FormatException or System.Net.Sockets.SocketException || IsAboutHttps(exception))
        {
            throw new StartException("INVALID_SETTING", $"ZOETROPE_URLS: cannot listen on {host.Urls}: {exception.Message}", StartException.BadSettings);
        }
    }

    // TLS belongs to the proxy in front; Kestrel's own is not compiled in.
    private static bool IsAboutHttps(Exception exception) =>
        exception is InvalidOperationException && exception.Message.Contains("HTTPS", StringComparison.OrdinalIgnoreCase);
}
