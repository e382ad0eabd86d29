namespace Zoetrope.Server.Egress;

/// <summary>Why nothing, or not everything, came back.</summary>
internal enum EgressFailureKind
{
    /// <summary>The URL's text breaks a rule: scheme, credentials, port or an odd spelling of an address.</summary>
    BadUrl,

    /// <summary>
    /// Not allowed, not resolvable, not reachable, or no answer in time. One kind on purpose: telling them apart
    /// would let a customer map the inside of the operator's network.
    /// </summary>
    Unreachable,

    /// <summary>A reachable, allowed host answered with another status than 200.</summary>
    Status,

    /// <summary>The body exceeds the cap.</summary>
    TooLarge,

    /// <summary>The body stopped, was too slow, or ended before its declared length.</summary>
    Incomplete,

    /// <summary>The body came compressed although none was asked for; it is not expanded.</summary>
    Encoded,

    /// <summary>More redirects than allowed.</summary>
    TooManyRedirects,
}

/// <summary>A failure of one request. <see cref="Detail"/> is for the log, never for the client.</summary>
/// <param name="Kind">What a client may learn.</param>
/// <param name="Message">In words, safe for the client.</param>
/// <param name="Detail">For the operator.</param>
internal sealed record EgressFailure(EgressFailureKind Kind, string Message, string Detail = "")
{
    /// <summary>Whether asking again may succeed. For our own retries; the client sees no difference.</summary>
    public bool IsTransient { get; init; }

    /// <summary>A host that may be reached was reached, and said nothing in time. That tells nothing about our network.</summary>
    public bool IsLate { get; init; }

    public static EgressFailure BadUrl(string message) => new(EgressFailureKind.BadUrl, message);

    /// <summary>The one message of every blocked, closed, silent or unknown host.</summary>
    public static EgressFailure Unreachable(string detail) =>
        new(EgressFailureKind.Unreachable, "The URL could not be fetched from a public address.", detail) { IsTransient = true };

    public static EgressFailure Late(string detail) =>
        new(EgressFailureKind.Unreachable, "The host did not answer in time, or broke off.", detail) { IsTransient = true, IsLate = true };

    /// <summary>The same to a client as <see cref="Unreachable"/>, but final.</summary>
    public static EgressFailure Forbidden(string detail) => Unreachable(detail) with { IsTransient = false };

    /// <summary>As a refusal of a client's URL.</summary>
    public Problem ToProblem(string field, string given) => Kind switch
    {
        _ when IsLate || (IsTransient && Kind is EgressFailureKind.Status or EgressFailureKind.Incomplete) =>
            Problems.InputNotFetched.With(
                $"{field}: {Message} Try again, or upload the file.", field, given, "a URL that answers within a few seconds"),
        EgressFailureKind.BadUrl or EgressFailureKind.Unreachable or EgressFailureKind.TooManyRedirects =>
            Problems.UrlNotAllowed.With($"{field}: {Message}", field, given, "a public https URL that answers within a few seconds"),
        EgressFailureKind.TooLarge => Problems.InputTooLarge.With($"{field}: {Message}", field, given),
        _ => Problems.InvalidInput.With($"{field}: {Message}", field, given, "a URL that answers 200 with the file"),
    };
}

/// <summary>Carries an <see cref="EgressFailure"/> out of the connect path and to callers that want the response itself.</summary>
internal sealed class EgressException(EgressFailure failure, Exception? inner = null)
    : HttpRequestException($"{failure.Kind}: {failure.Message} {failure.Detail}", inner)
{
    public EgressFailure Failure { get; } = failure;
}
