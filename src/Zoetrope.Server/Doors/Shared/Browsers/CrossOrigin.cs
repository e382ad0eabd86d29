using System.ComponentModel.DataAnnotations;

namespace Zoetrope.Server.Doors.Shared.Browsers;

/// <summary>Section <c>Zoetrope:Cors</c>: web pages of other origins that may call the doors from a browser.</summary>
internal sealed class CrossOriginOptions : IValidatableObject
{
    /// <summary>Origins such as <c>https://studio.example.com</c>, or <c>*</c>; empty: none.</summary>
    public string Origins { get; init; } = "";

    public IReadOnlyList<string> List => Origins.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var origin in List)
        {
            // A trailing slash or a path never equals what a browser sends.
            if (origin != "*"
                && !(
                    Uri.TryCreate(origin, UriKind.Absolute, out var url)
                        && url.Scheme is "http" or "https"
                        && url.GetLeftPart(UriPartial.Authority) == origin))
            {
                yield return new ValidationResult(
                    $"'{origin}' must be an origin such as https://studio.example.com, without a path or trailing slash, or *.",
                    [nameof(Origins)]);
            }
        }
    }
}

/// <summary>
/// Lets browsers in. Whoever reads the page can read the key in it, so this is off by default. No cookies are involved: an
/// origin that is let in can do nothing without a key. The operator's door stays closed to all pages of other origins.
/// </summary>
internal static class CrossOrigin
{
    private static readonly string[] Exposed =
    [
        "X-Request-Id", "Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Idempotent-Replayed",
        "Zoetrope-Failed-Images",
        "x-should-retry", "openai-poll-after-ms", "Content-Disposition", "Content-Range", "WWW-Authenticate", "Mcp-Session-Id",
    ];

    /// <summary>Before callers are recognised: a browser's question beforehand carries no key.</summary>
    public static IApplicationBuilder UseCrossOrigin(this IApplicationBuilder app, CrossOriginOptions options)
    {
        var origins = options.List;
        return origins.Count == 0
            ? app
            : app.UseWhen(
                static context => !context.Request.Path.StartsWithSegments("/admin", StringComparison.OrdinalIgnoreCase),
                doors => doors.UseCors(policy =>
                {
                    policy.AllowAnyHeader().AllowAnyMethod().WithExposedHeaders(Exposed).SetPreflightMaxAge(TimeSpan.FromHours(2));
                    _ = origins.Contains("*") ? policy.AllowAnyOrigin() : policy.WithOrigins([.. origins]);
                }));
    }
}
