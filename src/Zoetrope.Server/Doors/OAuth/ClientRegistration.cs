using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.RateLimiting;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>
/// Dynamic client registration (RFC 7591): any program may register itself, which gives it no access. What matters is where
/// codes may be sent: only https, this machine, or a scheme that is a domain's or a known program's.
/// </summary>
internal sealed class ClientRegistration(OAuthClients clients, OAuthOptions options) : IDisposable
{
    public const int MaxBody = 16 * 1024;

    private const int MaxRedirects = 10;
    private const int MaxRedirectLength = 512;
    private const int MaxName = 100;

    // Programs that are known to receive a scheme of their own which is no domain's. Every other scheme without a domain in it may
    // belong to the system, and open or run what the code is appended to.
    private static readonly HashSet<string> KnownPrograms = new(StringComparer.Ordinal)
    {
        "claude", "codex", "cursor", "gemini", "goose", "jetbrains", "kiro", "lmstudio", "raycast", "trae", "vscode", "vscode-insiders",
        "vscodium", "warp", "windsurf", "zed",
    };

    // Of the system, although they have a full stop.
    private static readonly string[] SystemLabels = ["microsoft", "windows", "ms"];

    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(address =>
        RateLimitPartition.GetFixedWindowLimiter(
            address,
            _ => new FixedWindowRateLimiterOptions { PermitLimit = options.RegistrationsPerMinute, Window = TimeSpan.FromMinutes(1) }));

    public async Task RunAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        using var lease = _limiter.AttemptAcquire(PartitionOf(context.Connection.RemoteIpAddress));
        if (!lease.IsAcquired)
        {
            context.Response.Headers.RetryAfter = "60";
            await OAuthErrors.WriteAsync(
                context,
                StatusCodes.Status429TooManyRequests,
                "temporarily_unavailable",
                "Too many registrations came from this IP address. Wait a minute.");
            return;
        }

        var reading = await JsonBody.ReadAsync(context);
        if (reading.Failed(out var problem))
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        using var body = reading.Value;
        if (Redirects(body.RootElement, out var redirects) is { } wrong)
        {
            await OAuthErrors.WriteAsync(context, StatusCodes.Status400BadRequest, "invalid_redirect_uri", wrong);
            return;
        }

        if (Name(body.RootElement, redirects) is not { } name)
        {
            await OAuthErrors.WriteAsync(
                context,
                StatusCodes.Status400BadRequest,
                "invalid_client_metadata",
                $"client_name must have at most {MaxName} characters and no control characters.");
            return;
        }

        // Only for native programs is a loopback address compared without its port.
        var type = redirects.Any(static uri => new Uri(uri).Scheme != Uri.UriSchemeHttps) ? "native" : "web";
        if (await clients.AddAsync(name, type, redirects) is not { } client)
        {
            context.Response.Headers.RetryAfter = "3600";
            await OAuthErrors.WriteAsync(
                context,
                StatusCodes.Status503ServiceUnavailable,
                "temporarily_unavailable",
                "Too many registered programs are unused. Try again later.");
            return;
        }

        await OAuthErrors.WriteAsync(context, StatusCodes.Status201Created, new JsonObject
        {
            ["client_id"] = client.Id,
            ["client_id_issued_at"] = client.CreatedAt / 1000,
            ["client_name"] = client.Name,
            ["application_type"] = client.ApplicationType,
            ["redirect_uris"] = new JsonArray([.. redirects.Select(uri => (JsonNode)uri)]),
            ["grant_types"] = new JsonArray("authorization_code", "refresh_token"),
            ["response_types"] = new JsonArray("code"),
            ["token_endpoint_auth_method"] = "none",
            ["scope"] = string.Join(' ', OAuthDocuments.Scopes),
        });
    }

    public void Dispose() => _limiter.Dispose();

    /// <summary>Why a code must not be sent there; null when it may.</summary>
    public static string? Refusal(string text)
    {
        if (text.Length > MaxRedirectLength
            || text.Any(static c => c is <= ' ' or >= '\x7f')
            || !Uri.TryCreate(text, UriKind.Absolute, out var uri))
        {
            return $"A redirect URI must be an absolute URI of at most {MaxRedirectLength} ASCII characters.";
        }

        if (text.Contains('#', StringComparison.Ordinal) || uri.UserInfo.Length > 0)
        {
            return "A redirect URI must not have a fragment or a user name.";
        }

        return uri.Scheme switch
        {
            "https" => null,
            "http" =>
                IsThisMachine(text, uri)
                    ? null
                    : "An http redirect URI must be on this machine (127.0.0.1, [::1] or localhost). Use https for other hosts.",
            var scheme => KnownPrograms.Contains(scheme) || IsOfDomain(scheme)
                ? null
                : $"A redirect URI must not have the scheme {scheme}. Use https, or a domain of yours in reverse, as in "
                    + "com.example.app:/callback.",
        };
    }

    // As it is written, too: a number may be read as an address by some and as a name by others, and `loopback` is a name.
    private static bool IsThisMachine(string text, Uri uri) =>
        text.StartsWith("http://" + uri.Host, StringComparison.OrdinalIgnoreCase)
        && (uri.Host is "localhost" or "[::1]"
            || (IPAddress.TryParse(uri.Host, out var address)
                && address.AddressFamily == AddressFamily.InterNetwork
                && IPAddress.IsLoopback(address)));

    /// <summary>A domain in reverse (RFC 8252, 7.1): two labels or more, and the first one of letters, as a top-level domain is.</summary>
    private static bool IsOfDomain(string scheme)
    {
        var labels = scheme.Split('.');
        return labels.Length > 1
            && labels[0].Length > 1
            && labels[0].All(char.IsAsciiLetterLower)
            && !SystemLabels.Contains(labels[0], StringComparer.Ordinal)
            && labels.All(static label =>
                label.Length > 0 && label.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'));
    }

    private static string? Redirects(JsonElement body, out List<string> redirects)
    {
        redirects = [];
        if (!body.TryGetProperty("redirect_uris", out var list)
            || list.ValueKind != JsonValueKind.Array
            || list.GetArrayLength() is 0 or > MaxRedirects)
        {
            return $"redirect_uris must be a list of 1 to {MaxRedirects} URIs.";
        }

        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String)
            {
                return "A redirect URI must be a string.";
            }

            if (Refusal(item.GetString()!) is { } refusal)
            {
                return refusal;
            }

            redirects.Add(item.GetString()!);
        }

        return null;
    }

    private static string? Name(JsonElement body, List<string> redirects)
    {
        if (!body.TryGetProperty("client_name", out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return "A program at " + OAuthText.Destination(redirects[0]);
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        // Marks that turn the direction of writing could make the page say something else.
        var name = value.GetString()!.Trim();
        return name.Length is 0 or > MaxName
            || name.Any(static c => char.IsControl(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.Format)
            ? null
            : name;
    }

    // One customer has a whole /64 of IPv6.
    private static string PartitionOf(IPAddress? address)
    {
        if (address is null || address.AddressFamily != AddressFamily.InterNetworkV6 || address.IsIPv4MappedToIPv6)
        {
            return address?.MapToIPv4().ToString() ?? "";
        }

        return Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8));
    }
}
