using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <summary>
/// Sends one logical call as often as it takes. Every try is the same request with the same key, so no try can pay twice.
/// </summary>
internal sealed class Transport : IDisposable
{
    private static readonly HttpRequestOptionsKey<bool> TriedOnce = new("zoetrope.once");

    private readonly HttpClient _http;
    private readonly string? _apiKey;
    private readonly string? _mode;

    /// <param name="address">The server.</param>
    /// <param name="apiKey">The key; null where the browser sends a session's cookie.</param>
    /// <param name="options">How it behaves.</param>
    /// <param name="mode">Of a session, which has none of its own.</param>
    public Transport(Uri address, string? apiKey, ZoetropeClientOptions options, string? mode = null)
    {
        _http = options.Handler is { } handler ? new HttpClient(handler, disposeHandler: false) : new HttpClient(NewHandler());
        _http.BaseAddress = address.AbsoluteUri.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");
        _http.Timeout = Timeout.InfiniteTimeSpan;
        (_apiKey, _mode, Options) = (apiKey, mode, options);
    }

    public ZoetropeClientOptions Options { get; }

    /// <summary>Marks a request that a second try would do twice.</summary>
    public static HttpRequestMessage Once(HttpRequestMessage request)
    {
        request.Options.Set(TriedOnce, true);
        return request;
    }

    public async Task<T> CallAsync<T>(Func<HttpRequestMessage> make, JsonTypeInfo<Envelope<T>> shape, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(make, withKey: true, whole: true, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        var answer = JsonSerializer.Deserialize(body, shape)
            ?? throw new ZoetropeConnectionException("The server's answer is empty.", null, null);
        return answer.Data;
    }

    /// <summary>The answer once it is a success; the caller disposes it.</summary>
    /// <param name="make">Makes the request of each try; it must not differ between two.</param>
    /// <param name="withKey">Signed URLs may lead elsewhere and must not see the key.</param>
    /// <param name="whole">Whether a try ends with the whole body, or with the headers.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<HttpResponseMessage> SendAsync(
        Func<HttpRequestMessage> make, bool withKey, bool whole, CancellationToken cancellationToken)
    {
        for (var tried = 0; ; tried++)
        {
            using var request = make();
            var retries = request.Options.TryGetValue(TriedOnce, out var once) && once ? 0 : Options.MaxRetries;
            if (withKey)
            {
                Identify(request);
            }

            TimeSpan? wait;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(Options.Timeout);
            try
            {
                var response = await _http.SendAsync(
                    request,
                    whole ? HttpCompletionOption.ResponseContentRead : HttpCompletionOption.ResponseHeadersRead,
                    patience.Token).ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                {
                    return response;
                }

                using (response)
                {
                    var refusal = await RefusalAsync(response, patience.Token).ConfigureAwait(false);
                    wait = Worth(refusal) && tried < retries ? Pause(tried, refusal.RetryAfter) : null;
                    if (wait is null)
                    {
                        throw refusal;
                    }
                }
            }
            catch (Exception exception)
                when (exception is HttpRequestException or IOException or OperationCanceledException
                    && !cancellationToken.IsCancellationRequested)
            {
                if (tried >= retries)
                {
                    var key = request.Headers.TryGetValues("Idempotency-Key", out var keys) ? keys.First() : null;
                    throw new ZoetropeConnectionException(
                        $"{request.Method} {request.RequestUri?.GetLeftPart(UriPartial.Path)}: no answer after {tried + 1} tries.",
                        key,
                        exception);
                }

                wait = Pause(tried, null);
            }

            await PauseAsync(wait!.Value, cancellationToken).ConfigureAwait(false);
        }
    }

    public Task PauseAsync(TimeSpan wait, CancellationToken cancellationToken) => Task.Delay(wait, Options.Time, cancellationToken);

    /// <summary>Null where the server asks for more patience than there is.</summary>
    public TimeSpan? Pause(int tried, TimeSpan? asked)
    {
        if (asked is { } wanted)
        {
            return wanted <= Options.MaxRetryDelay ? wanted : null;
        }

        // Half fixed and half chance, so that clients which fell together do not come back together.
        var ceiling = Math.Min(
            Options.RetryDelay.TotalMilliseconds * Math.Pow(2, Math.Min(tried, 20)), Options.MaxRetryDelay.TotalMilliseconds);
        return TimeSpan.FromMilliseconds((ceiling / 2) + (Random.Shared.NextDouble() * ceiling / 2));
    }

    public void Dispose() => _http.Dispose();

    // A redirect would carry the key, or a submit, to somebody else. In a browser its own fetch sends, and has no sockets.
    private static HttpMessageHandler NewHandler() => OperatingSystem.IsBrowser()
        ? new HttpClientHandler()
        : new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };

    private void Identify(HttpRequestMessage request)
    {
        if (_apiKey is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _apiKey);
            return;
        }

        // No form of another site can send these, so that its cookie alone changes nothing.
        request.Headers.TryAddWithoutValidation("X-Zoetrope-Studio", "1");
        request.Headers.TryAddWithoutValidation("X-Zoetrope-Mode", _mode);
    }

    private static bool Worth(ZoetropeRefusedException refusal) =>
        refusal.Status is 408 or 429 or >= 500 && refusal.Error.Retryable;

    private static async Task<ZoetropeRefusedException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        ErrorBody? error = null;
        try
        {
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            error = JsonSerializer.Deserialize(body, ClientJson.Default.ErrorEnvelope)?.Error;
        }
        catch (JsonException)
        {
            // A proxy answered, in words of its own.
        }

        var status = (int)response.StatusCode;
        error ??= new ErrorBody(
            $"HTTP_{status}",
            $"The server, or a proxy before it, answered {status}.",
            response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || status >= 500);
        var after = response.Headers.RetryAfter;
        var wait = after?.Delta ?? (after?.Date is { } date && response.Headers.Date is { } now && date > now ? date - now : null);
        return new ZoetropeRefusedException(
            status, error, response.Headers.TryGetValues("X-Request-Id", out var ids) ? ids.First() : null, wait);
    }
}
