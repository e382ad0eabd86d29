using System.Net.Http.Headers;
using Zoetrope.Server.Egress;

namespace Zoetrope.Server.Providers.Calls;

/// <summary>
/// Calls one vendor and says what each answer proves. It makes exactly one attempt at everything: a submit must not be
/// repeated by a client, and a poll is repeated by whoever asked for it.
/// </summary>
/// <param name="http">From <see cref="EgressClient"/>: reaches configured origins only, follows no redirect.</param>
/// <param name="shelf">Where files go that come inside an answer.</param>
/// <param name="time">Reads dates of Retry-After.</param>
/// <param name="strict">The operator trusts no word of this vendor that comes with a 5xx.</param>
internal sealed class VendorClient(HttpClient http, ResultShelf shelf, TimeProvider time, bool strict = false)
{
    /// <summary>Makes the request of a paid submit and sends it. Whatever fails before that is a refusal: nothing has left.</summary>
    /// <param name="make">Brings the input files to the vendor and makes the request, or says why it cannot be made.</param>
    /// <param name="read">As for a request that is made already.</param>
    /// <param name="refusal">The same.</param>
    /// <param name="cancellationToken">The same.</param>
    /// <param name="filesInside">The same.</param>
    public async Task<SubmitResult> SubmitAsync(
        Func<Task<Outgoing>> make,
        Func<VendorAnswer, SubmitResult?> read,
        Func<VendorAnswer, ProviderError?> refusal,
        CancellationToken cancellationToken,
        bool filesInside = false)
    {
        Outgoing made;
        try
        {
            made = await make();
        }
        catch (Exception exception)
        {
            return NotSent(exception);
        }

        return made.Fault is { } fault
            ? new SubmitResult.Refused(fault)
            : await SubmitAsync(made.Call!, read, refusal, cancellationToken, filesInside);
    }

    /// <summary>
    /// Sends a paid submit. <paramref name="read"/> sees answers of 2xx, <paramref name="refusal"/> all others; each returns null
    /// for what it does not know, which then means: an unclear 2xx is an unknown outcome, and a status says what it says.
    /// </summary>
    /// <param name="request">The whole request.</param>
    /// <param name="read">From a success to what it proved.</param>
    /// <param name="refusal">From an error to why the vendor did not take the job. Only for answers that prove it.</param>
    /// <param name="cancellationToken">Once bytes may have left, a cancellation is an unknown outcome.</param>
    /// <param name="filesInside">Whether a success carries the result itself, in base64.</param>
    public async Task<SubmitResult> SubmitAsync(
        HttpRequestMessage request,
        Func<VendorAnswer, SubmitResult?> read,
        Func<VendorAnswer, ProviderError?> refusal,
        CancellationToken cancellationToken,
        bool filesInside = false)
    {
        VendorAnswer answer;
        var body = request.Content is { } content ? new WatchedContent(content) : null;
        request.Content = body;
        try
        {
            answer = await SendAsync(request, cancellationToken, filesInside);
        }
        catch (Exception exception) when (body is { HasBegun: false } || NeverLeft(exception))
        {
            return NotSent(exception);
        }
        catch (Exception exception)
        {
            return new SubmitResult.Unknown($"no readable answer: {exception.Message}");
        }

        if (answer.IsSuccess)
        {
            return read(answer) ?? new SubmitResult.Unknown($"HTTP {answer.Status} with an unexpected answer: {answer.Text}");
        }

        return MayRefuse(answer) && (refusal(answer) ?? ByStatus(answer)) is { } error
            ? new SubmitResult.Refused(error)
            : new SubmitResult.Unknown($"HTTP {answer.Status}: {answer.Text}");
    }

    /// <summary>Reads a job. <paramref name="read"/> sees every answer; null means that it says nothing about the job.</summary>
    public async Task<PollResult> PollAsync(
        HttpRequestMessage request, Func<VendorAnswer, PollResult?> read, CancellationToken cancellationToken, bool filesInside = false)
    {
        try
        {
            var answer = await SendAsync(request, cancellationToken, filesInside);
            return read(answer) ?? new PollResult.Unreadable($"HTTP {answer.Status}: {answer.Text}", answer.RetryAfter);
        }
        catch (Exception exception)
        {
            return new PollResult.Unreadable(exception.Message);
        }
    }

    /// <summary>Searches for a lost submit. <paramref name="read"/> sees every answer; null means that it is not decided.</summary>
    public async Task<LookupResult> LookupAsync(
        HttpRequestMessage request, Func<VendorAnswer, LookupResult?> read, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await SendAsync(request, cancellationToken);
            return read(answer) ?? new LookupResult.Undecided($"HTTP {answer.Status}: {answer.Text}");
        }
        catch (Exception exception)
        {
            return new LookupResult.Undecided(exception.Message);
        }
    }

    /// <summary>Asks to stop. <paramref name="read"/> sees every answer; null means that nobody knows.</summary>
    public async Task<CancelResult> CancelAsync(
        HttpRequestMessage request, Func<VendorAnswer, CancelResult?> read, CancellationToken cancellationToken)
    {
        try
        {
            return read(await SendAsync(request, cancellationToken)) ?? CancelResult.Unknown;
        }
        catch (Exception)
        {
            return CancelResult.Unknown;
        }
    }

    /// <summary>Checks a credential. <paramref name="read"/> sees every answer; null leaves the verdict to the status.</summary>
    public async Task<CheckResult> CheckAsync(
        HttpRequestMessage request, Func<VendorAnswer, CheckResult?> read, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await SendAsync(request, cancellationToken);
            return read(answer)
                ?? (ByStatus(answer) is { } error
                    ? new CheckResult.Rejected(error)
                    : new CheckResult.Unreachable($"HTTP {answer.Status}: {answer.Text}"));
        }
        catch (Exception exception)
        {
            return new CheckResult.Unreachable(exception.Message);
        }
    }

    /// <summary>One call, for what the others do not cover: an upload before the submit, a second read behind a poll.</summary>
    public async Task<VendorAnswer> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken, bool filesInside = false)
    {
        using (request)
        {
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Zoetrope", ProductVersion.Text));
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return await VendorAnswer.ReadAsync(response, filesInside ? shelf : null, time, cancellationToken);
        }
    }

    /// <summary>
    /// What a status alone proves where the vendor's own words do not say more; null for those behind which the job may have
    /// been taken all the same.
    /// </summary>
    public static ProviderError? ByStatus(VendorAnswer answer)
    {
        ProviderErrorKind? kind = answer.Status switch
        {
            401 or 403 => ProviderErrorKind.Auth,
            402 => ProviderErrorKind.QuotaExhausted,
            429 => ProviderErrorKind.RateLimited,
            404 or 405 or 410 or (>= 300 and < 400) => ProviderErrorKind.Unavailable,
            408 or 409 or 425 or 499 or >= 500 => null,
            >= 400 => ProviderErrorKind.InvalidInput,
            _ => null,
        };
        return kind is null ? null : new ProviderError(kind.Value, $"http_{answer.Status}", answer.Text, answer.RetryAfter);
    }

    /// <summary>A vendor's own word for "not now", in its own envelope: it did not take the job.</summary>
    public static ProviderError NotNow(VendorAnswer answer, string code, string message) =>
        new(ProviderErrorKind.Unavailable, code, message, answer.RetryAfter);

    private static SubmitResult.Refused NotSent(Exception exception) =>
        new(new ProviderError(ProviderErrorKind.Unavailable, "not_sent", exception.Message));

    /// <summary>
    /// Whether an answer can be the vendor's own "not now". Of the 5xx only these two say so; what stands between the vendor and
    /// us says the others too, and then the job may have been taken.
    /// </summary>
    private bool MayRefuse(VendorAnswer answer) => answer.Status < 500 || (!strict && answer.Status is 503 or 529);

    /// <summary>Whether the failure proves that no byte of the request reached the vendor.</summary>
    private static bool NeverLeft(Exception exception) => exception is EgressException
        or HttpRequestException
        {
            HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
                or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
        };
}
