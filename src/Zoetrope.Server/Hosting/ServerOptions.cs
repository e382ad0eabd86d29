using System.ComponentModel.DataAnnotations;

namespace Zoetrope.Server.Hosting;

/// <summary>Settings outside any section.</summary>
internal sealed class RootOptions : IValidatableObject
{
    public string PublicUrl { get; init; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (PublicUrl.Length > 0
            && !(Uri.TryCreate(PublicUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Query.Length == 0))
        {
            yield return new ValidationResult("It must be an http or https URL without a query.", [nameof(PublicUrl)]);
        }
    }
}

/// <summary>Section <c>Zoetrope:Server</c>.</summary>
internal sealed class ServerOptions
{
    [Range(1024, 1L << 40)]
    public long MaxBodyBytes { get; init; } = 64 << 20;

    [Range(1, 1_000_000)]
    public int MaxConnections { get; init; } = 10_000;

    [Range(1, 1 << 20)]
    public int MinBytesPerSecond { get; init; } = 1024;

    /// <summary>The longest paid call takes five minutes; its answer has then to be written down.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan DrainTimeout { get; init; } = new(0, 5, 30);

    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>Section <c>Zoetrope:Logging</c>.</summary>
internal sealed class LoggingOptions
{
    [AllowedValues("text", "json", ErrorMessage = "It must be text or json.")]
    public string Format { get; init; } = "text";

    public LogLevel Level { get; init; } = LogLevel.Information;
}

/// <summary>Section <c>Zoetrope:Telemetry</c>.</summary>
internal sealed class TelemetryOptions
{
    public bool Metrics { get; init; } = true;
}
