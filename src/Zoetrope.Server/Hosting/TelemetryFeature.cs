using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Hosting.Gauges;

namespace Zoetrope.Server.Hosting;

/// <summary>Metrics for Prometheus. ASP.NET Core, Kestrel and the runtime measure themselves; their meters only need naming.</summary>
internal static class TelemetryFeature
{
    private static readonly string[] Meters =
    [
        "Zoetrope",
        "Microsoft.Orleans",
        "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Server.Kestrel",
        "System.Runtime",
        "Npgsql",
    ];

    public static IServiceCollection AddTelemetry(this IServiceCollection services, TelemetryOptions options)
    {
        services.AddMetrics();
        if (options.Metrics)
        {
            services.AddSingleton<ServerGauges>().AddHostedService(static provider =>
            {
                var gauges = provider.GetRequiredService<ServerGauges>();
                gauges.Measure(provider.GetRequiredService<IMeterFactory>());
                return gauges;
            });
            services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter(Meters).AddPrometheusExporter());
        }

        return services;
    }

    public static void MapTelemetry(this WebApplication app, TelemetryOptions options)
    {
        if (options.Metrics)
        {
            app.MapPrometheusScrapingEndpoint("/metrics").AllowAnonymousCaller("Prometheus scrapes without a key; no customer is named");
        }
    }
}
