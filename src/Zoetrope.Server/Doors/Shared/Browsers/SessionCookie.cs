using System.Net;
using Zoetrope.Server.People;

namespace Zoetrope.Server.Doors.Shared.Browsers;

/// <summary>
/// The cookie of a signed-in browser, and what protects it: it counts only alone, only from our own pages, and whatever changes
/// something must say so in a header that no form of another site can send.
/// </summary>
internal sealed class SessionCookie(OAuthAddress address)
{
    public const string StudioHeader = "X-Zoetrope-Studio";
    public const string ModeHeader = "X-Zoetrope-Mode";

    private const string Secure = "__Host-zt";

    // A browser keeps a __Host- cookie only over https; on this machine itself there is nobody in between.
    private const string Plain = "zt";

    private static readonly Problem Beside = Problems.CrossSite.With(
        "This request has a session's cookie and an Authorization header. Send one of them.", "Authorization");

    private static readonly Problem Foreign = Problems.CrossSite.With(
        "A page of another site sent this request with a session's cookie. Use an API key there.", "Origin");

    private static readonly Problem Unmarked = Problems.CrossSite.With(
        $"A request that a session sends needs the header {StudioHeader}: 1.", StudioHeader);

    private static readonly Problem Unsafe = Problems.Forbidden.With(
        "Signing in needs https, or an address of this machine such as http://localhost:8080. Open the server over one of them.");

    /// <summary>What the cookie holds; null where there is none.</summary>
    public string? Read(HttpRequest request) => request.Headers.Cookie.Count == 0
        ? null
        : request.Cookies[IsSecure(request) ? Secure : Plain] is { Length: > 0 } secret ? secret : null;

    /// <summary>Whether it is all that says who asks: beside an Authorization header it does not count.</summary>
    public bool StandsAlone(HttpRequest request) =>
        request.Headers.Cookie.Count > 0 && request.Headers.Authorization.Count == 0 && Read(request) is not null;

    /// <summary>Whether one can be set at this address.</summary>
    public Problem? Refusal(HttpRequest request) => IsSecure(request) || IsThisMachine(request.Host.Host) ? null : Unsafe;

    /// <summary>Nobody is signed in: the browser goes to where they can, and comes back.</summary>
    public static Answer SignIn(HttpRequest request) => new(context =>
    {
        var back = request.Path + request.QueryString;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Redirect(back == "/" ? "/sign-in" : "/sign-in?next=" + Uri.EscapeDataString(back));
        return Task.CompletedTask;
    });

    public void Write(HttpContext context, BegunSession session) => context.Response.Cookies.Append(
        IsSecure(context.Request) ? Secure : Plain, session.Secret, Options(context.Request, session.Lifetime));

    public void Clear(HttpContext context) => context.Response.Cookies.Delete(
        IsSecure(context.Request) ? Secure : Plain, Options(context.Request, lifetime: null));

    /// <summary>Why a request with a session's cookie is not taken; null where there is no cookie, or it is our own page's.</summary>
    public Problem? CrossSite(HttpRequest request)
    {
        if (Read(request) is null)
        {
            return null;
        }

        var changes = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);
        return request.Headers.Authorization.Count > 0 ? changes ? Beside : null : FromElsewhere(request, changes, isForm: false);
    }

    /// <summary>Why a request that signs somebody in, or that a form of a page sends, is not taken.</summary>
    public Problem? FromElsewhere(HttpRequest request, bool changes, bool isForm)
    {
        var (origin, site) = (request.Headers.Origin, request.Headers["Sec-Fetch-Site"]);
        if (origin.Count > 0 ? !address.IsOwn(request, origin.ToString()) : changes)
        {
            return Foreign;
        }

        if (site.Count > 0 && site.ToString() is not "same-origin" && (changes || site.ToString() is not "none"))
        {
            return Foreign;
        }

        return changes && !isForm && request.Headers[StudioHeader].ToString() != "1" ? Unmarked : null;
    }

    private static CookieOptions Options(HttpRequest request, TimeSpan? lifetime) => new()
    {
        HttpOnly = true,
        Secure = !IsThisMachine(request.Host.Host) || request.IsHttps,
        SameSite = SameSiteMode.Lax,
        Path = "/",
        MaxAge = lifetime,
        IsEssential = true,
    };

    private bool IsSecure(HttpRequest request) => request.IsHttps || address.IsHttps(request);

    private static bool IsThisMachine(string host) =>
        host is "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var parsed) && IPAddress.IsLoopback(parsed));
}
