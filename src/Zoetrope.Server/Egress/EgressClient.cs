using System.Net;
using System.Net.Sockets;

namespace Zoetrope.Server.Egress;

/// <summary>
/// The only way out of the server. Guarded requests (URLs named by customers and by provider results) have every
/// hop's text checked and every connection's address checked; operator requests go to configured addresses only.
/// </summary>
internal sealed partial class EgressClient : IDisposable
{
    private readonly EgressOptions _options;
    private readonly AllowedHosts _allowed;
    private readonly TimeProvider _time;
    private readonly ILogger<EgressClient> _logger;
    private readonly SocketsHttpHandler _guardedHandler;
    private readonly SocketsHttpHandler _operatorHandler;
    private readonly HttpMessageInvoker _guarded;

    public EgressClient(EgressOptions options, EgressNetwork network, TimeProvider time, ILogger<EgressClient> logger)
    {
        _options = options;
        _allowed = new AllowedHosts(options.AllowedPrivateHosts);
        _time = time;
        _logger = logger;
        var connector = new GuardedConnector(options, _allowed, network, time);
        _guardedHandler = NewHandler(options);
        _guardedHandler.ConnectCallback = (context, cancellationToken) => connector.ConnectAsync(context.DnsEndPoint, cancellationToken);
        _guarded = new HttpMessageInvoker(_guardedHandler, disposeHandler: false);
        _operatorHandler = NewHandler(options);
    }

    /// <summary>
    /// A client for URLs the operator configured: they may be private, but it reaches no other origin, follows
    /// no redirect, and never retries.
    /// </summary>
    /// <param name="baseUrl">The provider's base URL; relative request URIs resolve against it.</param>
    /// <param name="otherOrigins">Further configured origins, such as a token endpoint.</param>
    public HttpClient ForOperator(Uri baseUrl, params ReadOnlySpan<Uri> otherOrigins)
    {
        var origins = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { Origin(baseUrl) };
        foreach (var other in otherOrigins)
        {
            origins.Add(Origin(other));
        }

        return ForOperator(baseUrl, url => origins.Contains(Origin(url)));
    }

    /// <summary>The same, for a vendor that names hosts in its answers: its credential goes where this says and nowhere else.</summary>
    /// <param name="baseUrl">The provider's base URL; relative request URIs resolve against it.</param>
    /// <param name="reaches">Every URL it may call, the base URL's origin included.</param>
    public HttpClient ForOperator(Uri baseUrl, Func<Uri, bool> reaches) =>
        new(new ConfiguredReach(reaches, _operatorHandler), disposeHandler: false)
        {
            BaseAddress = baseUrl,
            Timeout = _options.OperatorTimeout,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };

    /// <summary>Whether a URL from outside may be tried at all; the address is checked again when connecting.</summary>
    public EgressFailure? Check(string url, out Uri parsed) => UrlRules.Check(url, _options, _allowed, out parsed);

    /// <summary>
    /// Sends one guarded request and returns the response with its body unread. Redirects are not followed: they are
    /// answers (webhooks). The body's reader sets its own bounds.
    /// </summary>
    /// <param name="request">The request; its headers are the caller's.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="headerTimeout">Longest wait for the headers if the request's own body takes long; null for the setting.</param>
    /// <exception cref="EgressException">The URL is not allowed or nothing answered.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken, TimeSpan? headerTimeout = null)
    {
        var url = request.RequestUri ?? throw new ArgumentException("The request has no URL.", nameof(request));
        if (UrlRules.Check(url, _options, _allowed) is { } failure)
        {
            throw new EgressException(failure);
        }

        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        request.Headers.Host = null;
        using var limit = new CancellationTokenSource(headerTimeout ?? _options.HeaderTimeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await _guarded.SendAsync(request, both.Token);
        }
        catch (EgressException)
        {
            throw;
        }
        catch (HttpRequestException exception)
        {
            throw WasConnected(exception)
                ? new EgressException(EgressFailure.Late($"{url.IdnHost}:{url.Port}: {exception.Message}"), exception)
                : Failed(exception, url);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Connecting has a shorter limit of its own, with the words of a host that cannot be reached.
            throw limit.IsCancellationRequested && _options.ConnectTimeout < _options.HeaderTimeout
                ? new EgressException(EgressFailure.Late($"{url.IdnHost}:{url.Port}: no headers in time"), exception)
                : Failed(exception, url);
        }
    }

    /// <summary>Downloads a URL from outside into a file; the path is gone again after a failure.</summary>
    public Task<FetchResult> FetchToFileAsync(Uri url, string path, FetchLimits limits, CancellationToken cancellationToken) =>
        FetchToFileAsync(url, path, limits, headers: null, cancellationToken);

    /// <param name="headers">Sent to the first URL's origin only; a redirect elsewhere loses them.</param>
    public async Task<FetchResult> FetchToFileAsync(
        Uri url, string path, FetchLimits limits, IReadOnlyList<KeyValuePair<string, string>>? headers, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(limits.TotalTime, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        FetchResult result;
        try
        {
            result = await FetchAsync(url, path, limits, headers, both.Token);
        }
        catch (EgressException exception)
        {
            result = exception.Failure;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            File.Delete(path);
            result = new EgressFailure(
                EgressFailureKind.Incomplete, "The file could not be downloaded completely in time.", "total time")
            {
                IsTransient = true,
            };
        }

        if (result.Failure is { } failure)
        {
            LogFailed(url.IdnHost, failure.Kind, failure.Detail);
        }

        return result;
    }

    /// <summary>
    /// Stores the body of a response that an operator's client got with
    /// <see cref="HttpCompletionOption.ResponseHeadersRead"/>, under the same bounds as a guarded download.
    /// </summary>
    public Task<FetchResult> SaveAsync(HttpResponseMessage response, string path, long maxBytes, CancellationToken cancellationToken) =>
        BoundedBody.CopyToFileAsync(response, path, maxBytes, _options, _time, cancellationToken);

    private async Task<FetchResult> FetchAsync(
        Uri url, string path, FetchLimits limits, IReadOnlyList<KeyValuePair<string, string>>? headers, CancellationToken cancellationToken)
    {
        var origin = Origin(url);
        var current = url;
        for (var hop = 0; hop <= _options.MaxRedirects; hop++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, current);
            request.Headers.TryAddWithoutValidation("Accept", "*/*");
            request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
            request.Headers.TryAddWithoutValidation("User-Agent", "Zoetrope");
            foreach (var (name, value) in Origin(current) == origin ? headers ?? [] : [])
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using var response = await SendAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                return await BoundedBody.CopyToFileAsync(response, path, limits.MaxBytes, _options, _time, cancellationToken);
            }

            if (!IsRedirect(response.StatusCode))
            {
                var status = (int)response.StatusCode;
                return new EgressFailure(EgressFailureKind.Status, $"The server answered {status}.")
                {
                    IsTransient = status is 408 or 425 or 429 or >= 500,
                };
            }

            if (Next(current, response) is not { } next)
            {
                return EgressFailure.BadUrl("The URL redirects to a URL that is not allowed.");
            }

            current = next;
        }

        return new EgressFailure(EgressFailureKind.TooManyRedirects, $"The URL redirects more than {_options.MaxRedirects} times.");
    }

    public void Dispose()
    {
        _guarded.Dispose();
        _guardedHandler.Dispose();
        _operatorHandler.Dispose();
    }

    // The environment's proxy, cookies, redirects, decompression and trace headers are all ways for somebody else
    // to choose where bytes go or how many come back.
    private static SocketsHttpHandler NewHandler(EgressOptions options) => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = options.ConnectTimeout,
        MaxResponseHeadersLength = options.MaxHeaderKilobytes,
        MaxResponseDrainSize = 0,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
    };

    private static bool IsRedirect(HttpStatusCode status) =>
        status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private Uri? Next(Uri current, HttpResponseMessage response)
    {
        if (!response.Headers.NonValidated.TryGetValues("Location", out var values) || values.Count != 1)
        {
            return null;
        }

        // The raw text is checked, not the header class's reading of it: an odd spelling must not be cleaned first.
        var text = values.First();
        if (Uri.TryCreate(text, UriKind.Absolute, out var absolute) && absolute.Scheme != Uri.UriSchemeFile)
        {
            return UrlRules.Check(text, _options, _allowed, out var next) is { Kind: EgressFailureKind.BadUrl } ? null : next;
        }

        return Uri.TryCreate(current, text, out var relative)
            && UrlRules.Check(relative.AbsoluteUri, _options, _allowed, out var resolved) is not { Kind: EgressFailureKind.BadUrl }
                ? resolved
                : null;
    }

    private static bool WasConnected(HttpRequestException exception) =>
        exception.HttpRequestError is HttpRequestError.ResponseEnded
        || exception is
        {
            HttpRequestError: HttpRequestError.Unknown,
            InnerException: IOException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionReset } },
        };

    private static EgressException Failed(Exception exception, Uri url)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is EgressException known)
            {
                return known;
            }
        }

        return new EgressException(EgressFailure.Unreachable($"{url.IdnHost}:{url.Port}: {exception.Message}"), exception);
    }

    private static string Origin(Uri url) => $"{url.Scheme}://{url.IdnHost}:{url.Port}";

    [LoggerMessage(LogLevel.Debug, "Fetch from {Host} failed: {Kind} {Detail}")]
    private partial void LogFailed(string host, EgressFailureKind kind, string detail);

    /// <summary>Keeps a provider's credential at the URLs the operator configured.</summary>
    private sealed class ConfiguredReach(Func<Uri, bool> reaches, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.RequestUri is { } url && reaches(url)
                ? base.SendAsync(request, cancellationToken)
                : throw new EgressException(EgressFailure.BadUrl("The request would leave the provider's configured URL."));
    }
}
