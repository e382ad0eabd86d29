using System.ComponentModel.DataAnnotations;

namespace Zoetrope.Server.Hosting;

/// <summary>Settings outside any section.</summary>
internal sealed class RootOptions : IValidatableObject
{
    public string PublicUrl { get; init; } = "";

    /// <summary>What this node does: <c>api</c>, <c>worker</c> or both.</summary>
    public string Roles { get; init; } = "api,worker";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        // A path would have to stand in many places that clients compute by themselves (RFC 9728 for one).
        if (PublicUrl.Length > 0
            && !(Uri.TryCreate(PublicUrl, UriKind.Absolute, out var url)
                && url.Scheme is "http" or "https"
                && url.UserInfo.Length == 0
                && url.PathAndQuery == "/"
                && url.Fragment.Length == 0))
        {
            yield return new ValidationResult(
                "It must be an http or https URL without a path or query, such as https://media.example.com. "
                + "Give the server a host name of its own",
                [nameof(PublicUrl)]);
        }

        if (NodeRolesText.Read(Roles) is null)
        {
            yield return new ValidationResult("It must be api, worker, or api,worker", [nameof(Roles)]);
        }
    }
}

/// <summary>Section <c>Zoetrope:Server</c>.</summary>
internal sealed class ServerOptions : IValidatableObject
{
    [Range(1024, 1L << 40)]
    public long MaxBodyBytes { get; init; } = 64 << 20;

    [Range(1, 1_000_000)]
    public int MaxConnections { get; init; } = 10_000;

    [Range(1, 1 << 20)]
    public int MinBytesPerSecond { get; init; } = 1024;

    /// <summary>Addresses and networks of proxies, separated by commas, whose X-Forwarded headers count.</summary>
    public string TrustedProxies { get; init; } = "";

    /// <summary>Longer than a proxy takes to see that a node is not ready.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan LeaveDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The longest paid call takes five minutes; its answer has then to be written down.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan DrainTimeout { get; init; } = new(0, 5, 30);

    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Hosting.TrustedProxies.Read(TrustedProxies) is null)
        {
            yield return new ValidationResult(
                "It must be IP addresses or networks, separated by commas, such as 127.0.0.1, 10.0.0.0/8", [nameof(TrustedProxies)]);
        }
    }
}

/// <summary>Section <c>Zoetrope:Logging</c>.</summary>
internal sealed class LoggingOptions
{
    [AllowedValues("text", "json", ErrorMessage = "It must be text or json.")]
    public string Format { get; init; } = "text";

    public LogLevel Level { get; init; } = LogLevel.Information;

    /// <summary>How much of the log the journal keeps in files; 0 is nothing.</summary>
    [Range(0, 100_000)]
    public int JournalMegabytes { get; init; } = 64;
}

/// <summary>Section <c>Zoetrope:Telemetry</c>.</summary>
internal sealed class TelemetryOptions
{
    public bool Metrics { get; init; } = true;
}
