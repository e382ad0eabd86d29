namespace Zoetrope.Server.Providers;

/// <summary>What one submit proved.</summary>
internal abstract record SubmitResult
{
    /// <summary>The vendor has the job.</summary>
    /// <param name="ProviderTaskId">The handle that polls and cancels need: an id, an operation name or a URL of the vendor's
    /// own origin.</param>
    /// <param name="PollAfter">The vendor's wish.</param>
    /// <param name="RequestId">What the vendor's support asks for, where that is not the handle.</param>
    internal sealed record Accepted(string ProviderTaskId, TimeSpan? PollAfter = null, string? RequestId = null) : SubmitResult
    {
        /// <summary>What the vendor says that it charges, in millionths of a US dollar; null where it names no sum of money.</summary>
        public long? ChargedMicros { get; init; }
    }

    /// <summary>A synchronous vendor answered with the result.</summary>
    internal sealed record Completed(string ProviderTaskId, IReadOnlyList<ProviderOutput> Outputs, string? RequestId = null) : SubmitResult
    {
        /// <inheritdoc cref="Accepted.ChargedMicros"/>
        public long? ChargedMicros { get; init; }
    }

    /// <summary>Proven not accepted and not billed: failover to the next route is safe.</summary>
    internal sealed record Refused(ProviderError Error) : SubmitResult;

    /// <summary>Bytes may have left and no definite answer came.</summary>
    internal sealed record Unknown(string Reason) : SubmitResult;
}

/// <summary>What one poll saw.</summary>
internal abstract record PollResult
{
    /// <param name="Progress">0–100 if the vendor reports it, otherwise null.</param>
    /// <param name="QueuePosition">Place in the vendor's queue, if reported.</param>
    /// <param name="PollAfter">When to look again; null leaves it to the generation's schedule.</param>
    internal sealed record Running(int? Progress = null, int? QueuePosition = null, TimeSpan? PollAfter = null) : PollResult;

    internal sealed record Succeeded(IReadOnlyList<ProviderOutput> Outputs) : PollResult
    {
        /// <inheritdoc cref="SubmitResult.Accepted.ChargedMicros"/>
        public long? ChargedMicros { get; init; }
    }

    internal sealed record Failed(ProviderError Error) : PollResult
    {
        /// <inheritdoc cref="SubmitResult.Accepted.ChargedMicros"/>
        public long? ChargedMicros { get; init; }
    }

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

/// <summary>A vendor's own list of a key's jobs.</summary>
/// <param name="Jobs">In any order.</param>
/// <param name="IsComplete">It reaches back to where it was asked for; otherwise what it lacks proves nothing.</param>
internal sealed record JobList(IReadOnlyList<ListedJob> Jobs, bool IsComplete);

/// <summary>A job as its vendor lists it.</summary>
/// <param name="ProviderTaskId">Its handle.</param>
/// <param name="CreatedAt">When the vendor took it.</param>
/// <param name="State">The vendor's word for what became of it.</param>
internal sealed record ListedJob(string ProviderTaskId, DateTimeOffset CreatedAt, string State)
{
    /// <summary>Our id of the attempt, where the vendor repeats it.</summary>
    public string? AttemptId { get; init; }

    /// <summary>What it bills, in millionths of a US dollar; null where the list names no sum of money.</summary>
    public long? ChargedMicros { get; init; }

    /// <summary>The vendor says that it bills nothing for it.</summary>
    public bool IsFree { get; init; }
}

/// <summary>What a credential check proved.</summary>
internal abstract record CheckResult
{
    /// <param name="Detail">What the vendor reported: a balance, an account, a version.</param>
    internal sealed record Proven(string Detail) : CheckResult;

    internal sealed record Rejected(ProviderError Error) : CheckResult;

    /// <summary>Nothing answered, or nothing that could be read.</summary>
    internal sealed record Unreachable(string Reason) : CheckResult;

    /// <summary>The vendor has no free call that proves a key.</summary>
    internal sealed record NotPossible(string Reason) : CheckResult;
}
