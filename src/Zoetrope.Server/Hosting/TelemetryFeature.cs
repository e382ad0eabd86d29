using System.Collections;
using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Zoetrope.Server.Artifacts.S3;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Hosting.Gauges;

namespace Zoetrope.Server.Hosting;

/// <summary>
/// Metrics for Prometheus, and spans for a collector where the usual variable names one. ASP.NET Core, Kestrel and the runtime
/// measure themselves; their meters only need naming.
/// </summary>
internal static class TelemetryFeature
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";

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
                gauges.Measure(provider.GetRequiredService<IMeterFactory>(), provider.GetServices<Bucket>().FirstOrDefault());
                return gauges;
            });
            services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter(Meters).AddView(Bounded).AddPrometheusExporter());
        }

        if (Environment.GetEnvironmentVariable(Endpoint) is { Length: > 0 })
        {
            services.AddOpenTelemetry().WithTracing(static tracing => tracing
                .AddSource(Spans.SourceName)
                .ConfigureResource(static resource => resource.AddService(
                    "zoetrope",
                    serviceVersion: ProductVersion.Text,
                    serviceInstanceId: $"{Environment.MachineName}:{Environment.ProcessId}"))
                .AddOtlpExporter());
        }

        return services;
    }

    // Room for 2,000 combinations of labels is made beforehand for each instrument: 20 MB for a hundred that have a few each.
    private static MetricStreamConfiguration? Bounded(Instrument instrument) =>
        instrument.Meter.Name is "Microsoft.Orleans" or "System.Runtime" ? new MetricStreamConfiguration { CardinalityLimit = 100 } : null;

    /// <summary>
    /// OpenTelemetry's own variables: the server's settings are not read from the environment by the host, these are meant to be.
    /// </summary>
    public static IEnumerable<KeyValuePair<string, string?>> Variables()
    {
        var all = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(static entry => ((string)entry.Key).StartsWith("OTEL_", StringComparison.Ordinal))
            .ToDictionary(static entry => (string)entry.Key, static entry => (string?)entry.Value, StringComparer.Ordinal);

        // The default of the specification, and gRPC at the port that is known for it.
        if (all.TryGetValue(Endpoint, out var endpoint) && Uri.TryCreate(endpoint, UriKind.Absolute, out var url))
        {
            all.TryAdd(Protocol, url.Port == 4317 ? "grpc" : "http/protobuf");
        }

        return all;
    }

    public static void MapTelemetry(this WebApplication app, TelemetryOptions options)
    {
        if (options.Metrics)
        {
            app.MapPrometheusScrapingEndpoint("/metrics").AllowAnonymousCaller("Prometheus scrapes without a key; no customer is named");
        }
    }
}
