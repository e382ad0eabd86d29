using Zoetrope.Server.Hosting;
using Zoetrope.Server.Hosting.Commands;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server;

/// <summary>The table of contents: every slice adds itself in <see cref="AddSlices"/> and its routes in <see cref="MapSlices"/>.</summary>
internal static class Program
{
    private static Task<int> Main(string[] args)
    {
        // The renderer's child process comes first: it must not pay for the server's start.
        if (args is ["sandbox-worker", ..])
        {
            // TODO sandbox: return SandboxWorker.RunAsync(Console.OpenStandardInput(), Console.OpenStandardOutput());
            return Task.FromResult(1);
        }

        return OperatorCommands.RunAsync(args);
    }

    public static void AddSlices(IServiceCollection services, Settings settings, string dataDirectory)
    {
        services.AddStorage(settings.Bind<DatabaseOptions>("Database"), dataDirectory);

        // TODO artifacts: services.AddEgress(settings.Bind<EgressOptions>("Egress"));
        // TODO artifacts: services.AddArtifacts(settings.Bind<ArtifactOptions>("Artifacts"));
        // TODO catalog: services.AddCatalog(settings.Bind<CatalogOptions>("Catalog"));
        // TODO accounts: services.AddAccounts(settings.Bind<AccountOptions>("Accounts"));
        // TODO accounts: services.AddLedger();
        // TODO sandbox: services.AddSandbox(settings.Bind<SandboxOptions>("Providers:sandbox"), dataDirectory);
        // TODO lead: services.AddProviders();
        // TODO lead: services.AddGenerations(settings.Bind<GenerationOptions>("Generations"));
        // TODO lead: services.AddEvents();
    }

    /// <summary>Middleware first, in the order a request meets it; then the doors.</summary>
    public static void MapSlices(WebApplication app, Settings settings)
    {
        // TODO lead: the doors' handler for unexpected exceptions and for 404, 405 and 413 without a body comes here.
        // TODO accounts: authentication comes here.
        app.MapHealth();
        app.MapTelemetry(settings.Bind<TelemetryOptions>("Telemetry"));
        app.MapApiDocs();

        // TODO lead: app.MapVicSee();
        // TODO accounts: app.MapAdmin();
        // TODO artifacts: app.MapFiles();
    }
}
