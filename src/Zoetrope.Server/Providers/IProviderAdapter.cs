using Zoetrope.Server.Catalog.Routes;

namespace Zoetrope.Server.Providers;

/// <summary>
/// The provider seam: our code for one vendor. An adapter translates and calls; it never sees an account,
/// a price or a database, never retries a paid submit, and never decides what happens next.
/// </summary>
internal interface IProviderAdapter
{
    /// <summary>What the vendor is, whoever calls it.</summary>
    ProviderProfile Profile { get; }

    /// <summary>How an unknown outcome of a submit can be found out.</summary>
    EvidenceClass Evidence { get; }

    /// <summary>
    /// Makes exactly one paid call. Returns <see cref="SubmitResult.Unknown"/> whenever bytes may have left
    /// and no definite answer came back; throwing means the same.
    /// </summary>
    Task<SubmitResult> SubmitAsync(ProviderRequest request, CancellationToken cancellationToken);

    /// <summary>Reads the vendor's job. May be called again at will.</summary>
    Task<PollResult> PollAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken);

    /// <summary>Looks for the job of an attempt whose submit had no answer, by the adapter's evidence class.</summary>
    Task<LookupResult> LookupAsync(ProviderRequest request, CancellationToken cancellationToken);

    /// <summary>Proves a credential with a call that costs nothing, where the vendor has one.</summary>
    Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken);

    /// <summary>Asks the vendor to stop. Only <see cref="CancelResult.Confirmed"/> proves that nothing more will be made or billed.</summary>
    Task<CancelResult> CancelAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken);
}

/// <summary>The part of an adapter whose vendor calls back.</summary>
internal interface ICallbackReader
{
    /// <summary>
    /// Checks and reads one call. It decides nothing: a genuine one only makes the server read the provider again, and tells
    /// the id of a job whose submit had no answer.
    /// </summary>
    ValueTask<CallbackReading> ReadCallbackAsync(ProviderCallback call, CancellationToken cancellationToken);
}

/// <summary>A call at <c>/hooks/{provider}/{token}</c> whose token was right.</summary>
/// <param name="AttemptId">The attempt that the token belongs to.</param>
/// <param name="Headers">By name without regard to case.</param>
/// <param name="Body">The raw bytes: signatures are over these.</param>
internal sealed record ProviderCallback(string AttemptId, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body);

/// <summary>What a call was.</summary>
internal abstract record CallbackReading
{
    /// <param name="ProviderTaskId">The job's handle as <see cref="SubmitResult.Accepted"/> would give it; null where the body does not tell.</param>
    internal sealed record Genuine(string? ProviderTaskId) : CallbackReading;

    /// <summary>The vendor signs, and this is not its signature.</summary>
    internal sealed record Forged(string Reason) : CallbackReading;

    /// <summary>The vendor tests the address and wants this JSON back.</summary>
    internal sealed record Challenge(string Answer) : CallbackReading;
}

/// <summary>What a credential check proved.</summary>
internal abstract record CheckResult
{
    /// <param name="Detail">What the vendor told: a balance, an account, a version.</param>
    internal sealed record Proven(string Detail) : CheckResult;

    internal sealed record Rejected(ProviderError Error) : CheckResult;

    /// <summary>Nothing answered, or nothing that could be read.</summary>
    internal sealed record Unreachable(string Reason) : CheckResult;

    /// <summary>The vendor has no free call that proves a key.</summary>
    internal sealed record NotPossible(string Reason) : CheckResult;
}

/// <summary>What a vendor offers to settle a lost answer; `docs/01-life-of-a-generation.md` says what follows from each.</summary>
internal enum EvidenceClass
{
    /// <summary>A: honours an idempotency key, so the same submit may be sent again.</summary>
    IdempotencyKey,

    /// <summary>B: can be asked by our attempt id.</summary>
    QueryByOurId,

    /// <summary>C: lists recent tasks.</summary>
    ListsRecent,

    /// <summary>D: calls back to a URL of ours per task.</summary>
    CallsBack,

    /// <summary>E: nothing.</summary>
    None,
}

/// <summary>One submission in the provider's terms: resolved, priced and admitted.</summary>
internal sealed record ProviderRequest : RouteCall<ProviderInput>
{
    /// <summary>Our attempt id: the vendor's idempotency key, external id or callback token.</summary>
    public required string AttemptId { get; init; }

    /// <summary>The credential of this attempt; polls and cancels use the one that submitted.</summary>
    public ProviderKey Key { get; init; } = ProviderKey.None;

    /// <summary>Where the vendor may call back, unguessable and of this attempt alone; null where this server has no public address.</summary>
    public Uri? CallbackUrl { get; init; }

    /// <summary>Our public model id.</summary>
    public required string Model { get; init; }

    /// <summary>text-to-image, image-to-image, text-to-video, image-to-video, first-last-frame-to-video, reference-to-video, video-edit or upscale.</summary>
    public required string Mode { get; init; }

    /// <summary>When the intent was written; evidence class C searches from here.</summary>
    public required DateTimeOffset IntendedAt { get; init; }
}

/// <summary>An input file, already fetched, checked and stored by us.</summary>
/// <param name="Parameter">The parameter it came from (<c>image_urls</c>, <c>reference_video_urls</c>, <c>video_url</c>, …).</param>
/// <param name="Path">Local file to read.</param>
/// <param name="ContentType">Type by signature, one of the vendor's <see cref="InputForm"/>.</param>
/// <param name="Publish">Makes a signed https URL of this file that the vendor can fetch for a day; null where this server has no public address. Only who asks pays for the copy that it may need.</param>
internal sealed record ProviderInput(string Parameter, string Path, string ContentType, Func<Task<Uri?>>? Publish = null) : RouteFile(Parameter)
{
    /// <summary>The URL, or null where there cannot be one.</summary>
    public Task<Uri?> PublicUrlAsync() => Publish?.Invoke() ?? Task.FromResult<Uri?>(null);
}

/// <summary>What one submit proved.</summary>
internal abstract record SubmitResult
{
    /// <summary>The vendor has the job.</summary>
    /// <param name="ProviderTaskId">The handle that polls and cancels need: an id, an operation name or a URL of the vendor's own origin.</param>
    /// <param name="PollAfter">The vendor's wish.</param>
    /// <param name="RequestId">What the vendor's support asks for, where that is not the handle.</param>
    internal sealed record Accepted(string ProviderTaskId, TimeSpan? PollAfter = null, string? RequestId = null) : SubmitResult;

    /// <summary>A synchronous vendor answered with the result.</summary>
    internal sealed record Completed(string ProviderTaskId, IReadOnlyList<ProviderOutput> Outputs, string? RequestId = null) : SubmitResult;

    /// <summary>Proven not accepted and not billed: failover to the next route is safe.</summary>
    internal sealed record Refused(ProviderError Error) : SubmitResult;

    /// <summary>Bytes may have left and no definite answer came.</summary>
    internal sealed record Unknown(string Reason) : SubmitResult;
}

/// <summary>What one poll saw.</summary>
internal abstract record PollResult
{
    /// <param name="Progress">0–100 where the vendor tells, otherwise null.</param>
    /// <param name="QueuePosition">Place in the vendor's queue where told.</param>
    /// <param name="PollAfter">When to look again; null leaves it to the generation's schedule.</param>
    internal sealed record Running(int? Progress = null, int? QueuePosition = null, TimeSpan? PollAfter = null) : PollResult;

    internal sealed record Succeeded(IReadOnlyList<ProviderOutput> Outputs) : PollResult;

    internal sealed record Failed(ProviderError Error) : PollResult;

    /// <summary>The read itself failed; says nothing about the job.</summary>
    internal sealed record Unreadable(string Reason, TimeSpan? RetryAfter = null) : PollResult;
}

/// <summary>What a search for a lost submit found.</summary>
internal abstract record LookupResult
{
    internal sealed record Found(string ProviderTaskId) : LookupResult;

    /// <summary>Definitely not accepted: submitting again is safe.</summary>
    internal sealed record Absent : LookupResult;

    /// <summary>Not known yet; ask again until the reconciliation window ends.</summary>
    internal sealed record Undecided(string Reason) : LookupResult;

    /// <summary>Will never be known: the vendor offers no evidence. The outcome stays unknown and nothing is submitted again.</summary>
    internal sealed record Impossible(string Reason) : LookupResult;
}

internal enum CancelResult
{
    /// <summary>Stopped; nothing is or will be billed.</summary>
    Confirmed,

    /// <summary>The job goes on or had ended.</summary>
    Refused,

    /// <summary>No answer.</summary>
    Unknown,
}

/// <summary>A result file: at a URL of the vendor's, or a local file that ingest may move away.</summary>
/// <param name="Url">Fetched through the guard, whatever it names.</param>
/// <param name="Path">A local file.</param>
/// <param name="Headers">Sent to the URL's origin only: a vendor's download that needs the credential.</param>
internal sealed record ProviderOutput(Uri? Url, string? Path, IReadOnlyList<KeyValuePair<string, string>>? Headers = null);

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
    /// <summary>Whether the same request may succeed later, here or elsewhere.</summary>
    public bool MayRetry => Kind is ProviderErrorKind.RateLimited or ProviderErrorKind.QuotaExhausted or ProviderErrorKind.Auth or ProviderErrorKind.Unavailable or ProviderErrorKind.Expired or ProviderErrorKind.BadOutput;

    /// <summary>The word of <see cref="Kind"/> on every surface.</summary>
    public string Word => Kind switch
    {
        ProviderErrorKind.InvalidInput => "invalid_input",
        ProviderErrorKind.ContentRefused => "content_refused",
        ProviderErrorKind.RateLimited => "rate_limited",
        ProviderErrorKind.QuotaExhausted => "quota_exhausted",
        ProviderErrorKind.Auth => "auth",
        ProviderErrorKind.Unavailable => "unavailable",
        ProviderErrorKind.UnknownOutcome => "unknown_outcome",
        ProviderErrorKind.BadOutput => "bad_output",
        ProviderErrorKind.Expired => "expired",
        _ => "canceled",
    };
}
