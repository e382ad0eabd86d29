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
    /// Says the request in the vendor's words, once: what this returns is stored, shown to the customer and then sent. Nothing
    /// leaves here, so it may be asked as often as needed, and for the same request it says the same.
    /// </summary>
    PreparedSubmit Prepare(ProviderRequest request);

    /// <summary>
    /// Makes exactly one paid call, of what was prepared. Returns <see cref="SubmitResult.Unknown"/> whenever bytes may have left
    /// and no definite answer came back; throwing means the same.
    /// </summary>
    Task<SubmitResult> SubmitAsync(ProviderRequest request, PreparedSubmit prepared, CancellationToken cancellationToken);

    /// <summary>Reads the vendor's job. May be called again at will.</summary>
    Task<PollResult> PollAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken);

    /// <summary>Looks for the job of an attempt whose submit had no answer, by the adapter's evidence class.</summary>
    Task<LookupResult> LookupAsync(ProviderRequest request, CancellationToken cancellationToken);

    /// <summary>Proves a credential with a call that costs nothing, where the vendor has one.</summary>
    Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken);

    /// <summary>
    /// Asks the vendor to stop. Only <see cref="CancelResult.Confirmed"/> proves that nothing more will be made or billed.
    /// </summary>
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

/// <summary>The part of an adapter whose vendor lists the jobs of a key: what it has is held against what we wrote down.</summary>
internal interface IJobLister
{
    /// <summary>Whether a job with this handle would be listed; some vendors list one kind of job and not another.</summary>
    bool Lists(string providerTaskId);

    /// <summary>Every job that the vendor began with this key since then, by as many reads as it takes.</summary>
    /// <exception cref="IOException">The list could not be read.</exception>
    Task<JobList> ListJobsAsync(ProviderKey key, DateTimeOffset since, CancellationToken cancellationToken);
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
