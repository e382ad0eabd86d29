using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.S3;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Hosting.ApiDocs;
using Zoetrope.Server.Hosting.Cluster;
using Zoetrope.Server.Hosting.Logs;
using Zoetrope.Server.Operator;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting;

/// <summary>Builds a whole server: for <c>serve</c>, for commands that need a temporary one, and for tests.</summary>
internal static class ZoetropeHost
{
    /// <summary>A server with its data directory held and its database migrated; the caller starts and disposes it.</summary>
    /// <param name="replace">Runs after every registration and may replace any of them (a clock, a provider).</param>
    public static async Task<WebApplication> BuildAsync(HostSettings host, Action<IServiceCollection>? replace = null)
    {
        var settings = Settings.Load(host);
        var database = settings.Bind<DatabaseOptions>("Database");
        var directory = DataDirectory.Open(host.DataDirectory);
        try
        {
            // Both take their time and neither needs the other.
            var migrating = Task.Run(() => Schema.EnsureAsync(database, directory.FullPath));
            var app = Compose(host, settings, services =>
            {
                services.AddSingleton(_ => directory);
                services.AddJournal(settings.Bind<LoggingOptions>("Logging"));
                replace?.Invoke(services);
            });
            await migrating;
            await app.JoinAsync(database, directory.FullPath);
            Require<OperatorKey>(app.Services);
            await ShareCatalogAsync(app.Services);
            await CheckBucketAsync(app.Services);

            // Resolved so that the container lets go of the directory when the server is disposed.
            app.Services.GetRequiredService<DataDirectory>();
            return app;
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    // A build that cannot serve what the other nodes serve would sell at other prices.
    private static async Task ShareCatalogAsync(IServiceProvider services)
    {
        if (await services.GetRequiredService<SharedCatalog>().BeginAsync() is { } wrong)
        {
            throw new StartException(
                "CATALOG_INVALID",
                $"This build cannot serve the catalogue that is in the database: {wrong}. Apply one that it can, with ./run catalog apply "
                + "FILE, or start the build of the other nodes.",
                StartException.BadSettings);
        }
    }

    // A bucket that does not exist, or a key that it refuses, would fail every task; one that does not answer may come back.
    private static async Task CheckBucketAsync(IServiceProvider services)
    {
        if (services.GetService<Bucket>() is { } bucket && await bucket.FaultAsync(CancellationToken.None) is { } fault)
        {
            throw new StartException("INVALID_SETTING", fault, StartException.BadSettings);
        }
    }

    // A catalogue with errors, or a provider whose key, address or workflow files cannot be used, stops the start, not the first task.
    private static void Require<T>(IServiceProvider services)
        where T : notnull
    {
        try
        {
            services.GetRequiredService<T>();
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException or IOException)
        {
            throw new StartException("INVALID_SETTING", exception.Message, StartException.BadSettings);
        }
    }

    /// <summary>The same server without touching the disk; enough to describe its API.</summary>
    public static WebApplication Compose(HostSettings host, Settings settings, Action<IServiceCollection>? replace = null)
    {
        var root = settings.Bind<RootOptions>("");
        var server = settings.Bind<ServerOptions>("Server");

        // The empty builder: no appsettings.json of the current directory, no ASPNETCORE_ variables, nothing to watch.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Zoetrope.Server" });
        builder.WebHost.UseKestrelCore().UseUrls(host.Urls).ConfigureKestrel(kestrel => Limit(kestrel, server));
        builder.Configuration.AddInMemoryCollection(TelemetryFeature.Variables());
        builder.Logging.AddZoetropeLogging(settings.Bind<LoggingOptions>("Logging"));

        // What is received of a body and not read yet: as many connections as there may be hold as many of these.
        builder.Services.Configure<SocketTransportOptions>(options => options.MaxReadBufferSize = 64 * 1024);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = server.ShutdownTimeout);
        builder.Services.AddRoutingCore();
        var database = settings.Bind<DatabaseOptions>("Database");
        builder.Services.AddClock(database);
        builder.Services.AddSingleton(server).AddSingleton<IHostLifetime, StopSignals>();

        // The silo first: hosted services start in this order, Kestrel last, so a listening server is a ready one.
        builder.AddSilo(database, NodeRolesText.Read(root.Roles)!.Value);
        builder.Services.AddCluster(database, settings, host.DataDirectory);
        builder.Services.AddHealth().AddTelemetry(settings.Bind<TelemetryOptions>("Telemetry")).AddApiDocs(root.PublicUrl);
        AddSlices(builder.Services, settings, host.DataDirectory);
        replace?.Invoke(builder.Services);

        var app = builder.Build();
        var artifacts = app.Services.GetRequiredService<ArtifactOptions>();
        if (root.PublicUrl.Length > 0)
        {
            artifacts.PublicUrl = new Uri(root.PublicUrl);
        }
        else
        {
            // With port 0 the address is known only once the server listens.
            app.Lifetime.ApplicationStarted.Register(() =>
            {
                artifacts.PublicUrl = new Uri(ListenAddresses.Reachable(app.Urls.First()));
                WarnAboutAddress(app);
            });
        }

        Require<CatalogHolder>(app.Services);
        Require<ProviderRegistry>(app.Services);
        Program.MapSlices(app, settings);
        WarnAboutUnknownNames(app, settings);
        return app;
    }

    private static void AddSlices(IServiceCollection services, Settings settings, string dataDirectory)
    {
        try
        {
            Program.AddSlices(services, settings, dataDirectory);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or IOException)
        {
            // A slice refuses its options with a message that names the setting.
            throw new StartException("INVALID_SETTING", exception.Message, StartException.BadSettings);
        }
    }

    private static void Limit(KestrelServerOptions kestrel, ServerOptions options)
    {
        kestrel.AddServerHeader = false;

        // A byte that is no UTF-8 would be answered by Kestrel with a bare 400; see HeaderText.
        kestrel.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;

        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(options.MinBytesPerSecond, TimeSpan.FromSeconds(10));
        kestrel.Limits.MaxRequestHeaderCount = 64;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
    }

    private static void WarnAboutAddress(WebApplication app)
    {
        if (app.Urls.FirstOrDefault(url => !ListenAddresses.IsLoopback(url)) is { } url)
        {
            app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Zoetrope.Settings")
                .NoPublicUrl(url, ListenAddresses.Reachable(app.Urls.First()));
        }
    }

    private static void WarnAboutUnknownNames(WebApplication app, Settings settings)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Zoetrope.Settings");
        foreach (var warning in settings.UnknownNames())
        {
            logger.UnknownSetting(warning);
        }
    }
}
