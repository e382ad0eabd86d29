using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations.Reconciling;

/// <summary>One difference between a vendor's list and our attempts.</summary>
/// <param name="Kind">A word of the table <c>cases</c>.</param>
/// <param name="Subject">The vendor's id of the job, or our attempt where the vendor has none.</param>
/// <param name="Attempt">Ours; null where we have none.</param>
/// <param name="Detail">What differs, in a sentence.</param>
internal sealed record Difference(string Kind, string Subject, KnownAttempt? Attempt, string Detail)
{
    /// <summary>The vendor has a job that we have no attempt for.</summary>
    public const string Extra = "extra";

    /// <summary>We have an attempt that was accepted, and the vendor does not list its job.</summary>
    public const string Missing = "missing";

    /// <summary>The vendor has a job that we took for refused: the task may have been bought twice.</summary>
    public const string Refused = "refused";

    /// <summary>The vendor has a job whose outcome we never learned; its task is in suspense.</summary>
    public const string Unresolved = "unresolved";

    /// <summary>The vendor bills another sum than it told us.</summary>
    public const string Cost = "cost";
}

/// <summary>Compares, and nothing else.</summary>
internal static class JobComparison
{
    /// <param name="theirs">The vendor's list, from well before <paramref name="from"/> until now.</param>
    /// <param name="isComplete">Whether what it lacks is not there.</param>
    /// <param name="ours">Our attempts with that key, over the same time.</param>
    /// <param name="lists">Whether the vendor would list a job with this handle.</param>
    /// <param name="from">The span that is compared; around it, either side is only looked up in.</param>
    /// <param name="to">Its end.</param>
    public static IEnumerable<Difference> Of(
        IReadOnlyList<ListedJob> theirs,
        bool isComplete,
        IReadOnlyList<KnownAttempt> ours,
        Func<string, bool> lists,
        DateTimeOffset from,
        DateTimeOffset to)
    {
        var byHandle = ours.Where(static attempt => attempt.ProviderTaskId is not null)
            .DistinctBy(static attempt => attempt.ProviderTaskId).ToDictionary(attempt => attempt.ProviderTaskId!, StringComparer.Ordinal);
        var byId = ours.ToDictionary(attempt => attempt.Id, StringComparer.Ordinal);
        foreach (var job in theirs.Where(job => job.CreatedAt >= from && job.CreatedAt < to))
        {
            var attempt = byHandle.GetValueOrDefault(job.ProviderTaskId) ?? byId.GetValueOrDefault(job.AttemptId ?? "");
            if (OfJob(job, attempt) is { } difference)
            {
                yield return difference;
            }
        }

        if (!isComplete)
        {
            yield break;
        }

        var listed = theirs.Select(static job => job.ProviderTaskId).ToHashSet(StringComparer.Ordinal);
        foreach (var attempt in ours)
        {
            if (attempt is { IsAccepted: true, ProviderTaskId: { } handle } && attempt.At >= from && attempt.At < to
                && lists(handle) && !listed.Contains(handle))
            {
                yield return new Difference(
                    Difference.Missing, handle, attempt, "We wrote down that the vendor took this job, and its list does not have it.");
            }
        }
    }

    private static Difference? OfJob(ListedJob job, KnownAttempt? attempt) => attempt switch
    {
        null when job.IsFree => null,
        null => new Difference(
            Difference.Extra,
            job.ProviderTaskId,
            null,
            $"The vendor has this job ({job.State}), and no attempt of ours is its. Somebody else uses the key, or rows were lost."),
        { State: Driving.AttemptStore.Refused } when !job.IsFree => new Difference(
            Difference.Refused,
            job.ProviderTaskId,
            attempt,
            $"We took this attempt for refused or absent, and the vendor has its job ({job.State}). Its cost is in suspense."),
        { State: Driving.AttemptStore.Unresolved } => new Difference(
            Difference.Unresolved,
            job.ProviderTaskId,
            attempt,
            job.IsFree
                ? $"The outcome of this attempt was never known. The vendor lists its job as {job.State} and does not bill it."
                : $"The outcome of this attempt was never known. The vendor lists its job as {job.State}."),
        { IsCostTold: true, CostMicros: { } told } when job.ChargedMicros is { } billed && billed != told => new Difference(
            Difference.Cost,
            job.ProviderTaskId,
            attempt,
            FormattableString.Invariant($"The vendor told us {told / 1e6:0.######} USD for this job, and lists {billed / 1e6:0.######} USD.")),
        _ => null,
    };
}

/// <summary>A row of <c>attempts</c> as it is compared; times are milliseconds.</summary>
internal sealed record KnownAttempt
{
    public string Id { get; init; } = "";

    public string AccountId { get; init; } = "";

    public string GenerationId { get; init; } = "";

    public string State { get; init; } = "";

    public string? ProviderTaskId { get; init; }

    public string? CostSource { get; init; }

    public long? CostMicros { get; init; }

    public long CreatedAt { get; init; }

    public DateTimeOffset At => DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt);

    /// <summary>The vendor has, or had, its job.</summary>
    public bool IsAccepted => State is Driving.AttemptStore.Accepted or Driving.AttemptStore.Ended;

    /// <summary>Nobody knows yet whether the vendor has it.</summary>
    public bool IsOpen => State is Driving.AttemptStore.Intended or Driving.AttemptStore.Unknown;

    /// <summary>The cost is the vendor's own word.</summary>
    public bool IsCostTold => CostSource == "vendor";
}
