namespace Zoetrope.Server.Providers;

/// <summary>The closed list of ways a vendor fails.</summary>
internal enum ProviderErrorKind
{
    InvalidInput,
    ContentRefused,
    RateLimited,
    QuotaExhausted,
    Auth,
    Unavailable,
    UnknownOutcome,
    BadOutput,
    Expired,
    Canceled,
}

/// <summary>A vendor's failure, with its own words kept.</summary>
/// <param name="Kind">Our classification; decides what happens next.</param>
/// <param name="VendorCode">The vendor's code.</param>
/// <param name="VendorMessage">The vendor's message.</param>
/// <param name="RetryAfter">The vendor's wish.</param>
/// <param name="Charged">Whether the vendor bills for it.</param>
internal sealed record ProviderError(
    ProviderErrorKind Kind,
    string VendorCode,
    string VendorMessage,
    TimeSpan? RetryAfter = null,
    bool Charged = false)
{
    public const string UnknownOutcomeWord = "unknown_outcome";

    /// <summary>Whether the same request may succeed later, here or elsewhere.</summary>
    public bool MayRetry =>
        Kind is ProviderErrorKind.RateLimited or ProviderErrorKind.QuotaExhausted or ProviderErrorKind.Auth
            or ProviderErrorKind.Unavailable or ProviderErrorKind.Expired or ProviderErrorKind.BadOutput;

    /// <summary>The word of <see cref="Kind"/> on every surface.</summary>
    public string Word => Kind switch
    {
        ProviderErrorKind.InvalidInput => "invalid_input",
        ProviderErrorKind.ContentRefused => "content_refused",
        ProviderErrorKind.RateLimited => "rate_limited",
        ProviderErrorKind.QuotaExhausted => "quota_exhausted",
        ProviderErrorKind.Auth => "auth",
        ProviderErrorKind.Unavailable => "unavailable",
        ProviderErrorKind.UnknownOutcome => UnknownOutcomeWord,
        ProviderErrorKind.BadOutput => "bad_output",
        ProviderErrorKind.Expired => "expired",
        _ => "canceled",
    };
}
