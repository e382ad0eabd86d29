using Zoetrope.Server.Accounts;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Budgets;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Doors;
using Zoetrope.Server.Doors.Admin;
using Zoetrope.Server.Doors.Entry;
using Zoetrope.Server.Doors.Files;
using Zoetrope.Server.Doors.Hooks;
using Zoetrope.Server.Doors.Mcp;
using Zoetrope.Server.Doors.OAuth;
using Zoetrope.Server.Doors.OpenAi;
using Zoetrope.Server.Doors.Pages;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Browsers;
using Zoetrope.Server.Doors.Shared.Bodies;
using Zoetrope.Server.Doors.Shared.Web;
using Zoetrope.Server.Doors.Studio;
using Zoetrope.Server.Doors.VicSee;
using Zoetrope.Server.Egress;
using Zoetrope.Server.Events;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Hosting;
using Zoetrope.Server.Hosting.ApiDocs;
using Zoetrope.Server.Hosting.Commands;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Operator;
using Zoetrope.Server.People;
using Zoetrope.Server.People.Mail;
using Zoetrope.Server.People.Outside;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Sandbox;
using Zoetrope.Server.Storage;
using Zoetrope.Server.Usage;
using Zoetrope.Server.Vouchers;

namespace Zoetrope.Server;

/// <summary>The table of contents: every slice adds itself in <see cref="AddSlices"/> and its routes in <see cref="MapSlices"/>.</summary>
internal static class Program
{
    private static Task<int> Main(string[] args) => OperatorCommands.RunAsync(args);

    public static void AddSlices(IServiceCollection services, Settings settings, string dataDirectory)
    {
        AddCore(services, settings, dataDirectory);
        services.AddEvents(settings.Bind<WebhookOptions>("Webhooks"), dataDirectory);
        services.AddVicSee(settings.Bind<StreamOptions>("Streams"));
        services.AddOpenAi(settings.Bind<OpenAiOptions>("OpenAi"));
        services.AddOAuth(settings.Bind<OAuthOptions>("OAuth"), settings.Bind<RootOptions>("").PublicUrl, dataDirectory);
        services.AddMcpDoor(settings.Bind<McpOptions>("Mcp"));
        services.AddPages();
        services.AddEntry(settings.Bind<OutsideOptions>("Oidc"));
        services.AddStudio(settings.Bind<StudioOptions>("Studio"));
        services.AddDoors(settings.Bind<BodyOptions>("Bodies"));
        services.AddOperator(settings.Bind<AdminOptions>("Admin"), settings.Bind<BootstrapOptions>("Bootstrap"), dataDirectory);
    }

    /// <summary>Everything behind the doors; operator commands that call providers take what they need of it.</summary>
    public static void AddCore(IServiceCollection services, Settings settings, string dataDirectory)
    {
        services.AddSingleton<ServerStop>();
        services.AddSingleton(PublicHosts.AddressOf(settings.Bind<RootOptions>("").PublicUrl));
        services.AddStorage(settings.Bind<DatabaseOptions>("Database"), dataDirectory);
        services.AddHousekeeping(settings.Bind<RetentionOptions>("Retention"));
        services.AddEgress(settings.Bind<EgressOptions>("Egress"));
        services.AddArtifacts(settings.BindArtifacts(dataDirectory));
        services.AddCatalog(
            settings.BindCatalog(),
            static provider => model => provider.GetRequiredService<Routing>().IsAvailable(model, KeyMode.Live));
        services.AddAccounts();
        services.AddPeople(settings.Bind<OutsideOptions>("Oidc"), settings.Bind<MailOptions>("Mail"), dataDirectory);
        services.AddLedger();
        services.AddVouchers();

        services.AddSandbox(settings.Bind<SandboxOptions>("Sandbox"), dataDirectory);
        services.AddProviders(settings.Vendors, settings.Bind, dataDirectory);
        var generations = settings.Bind<GenerationOptions>("Generations");
        services.AddAdmission(generations.CreditsLowBelow, generations.IdempotencyHours, generations.TestTasksPerDay);
        services.AddGenerations(generations);
        services.AddUsage();
        services.AddBudgets();
    }

    /// <summary>Middleware first, in the order a request meets it; then the doors.</summary>
    public static void MapSlices(WebApplication app, Settings settings)
    {
        app.UseMiddleware<RequestTrail>();
        if (!app.Services.GetRequiredService<NodeDuties>().Answers)
        {
            // A node that only works has no doors.
            app.MapHealth();
            app.MapTelemetry(settings.Bind<TelemetryOptions>("Telemetry"));
            return;
        }

        app.UseTrustedProxies(
            settings.Bind<ServerOptions>("Server").TrustedProxies,
            app.Services.GetRequiredService<ArtifactOptions>(),
            isAddressKnown: settings.Bind<RootOptions>("").PublicUrl.Length > 0);
        app.UseProblems();
        app.UseHeadRequests();
        app.UseRouting();
        app.UseCrossOrigin(settings.Bind<CrossOriginOptions>("Cors"));
        app.UseQueryText();
        app.UseOAuth();
        app.UseCallers();

        app.MapPages();
        app.MapHealth();
        app.MapTelemetry(settings.Bind<TelemetryOptions>("Telemetry"));
        app.MapApiDocs();

        app.MapVicSee();
        app.MapEntry();
        app.MapStudio();
        app.MapOpenAi();
        app.MapMcpDoor();
        app.MapHooks();
        app.MapOAuth();
        app.MapAdmin();
        app.MapFiles();
    }
}
