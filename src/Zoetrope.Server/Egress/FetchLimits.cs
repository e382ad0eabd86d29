namespace Zoetrope.Server.Egress;

/// <summary>Bounds of one download.</summary>
/// <param name="MaxBytes">Cap of the body.</param>
/// <param name="TotalTime">From the first request to the last byte, over all redirects.</param>
internal sealed record FetchLimits(long MaxBytes, TimeSpan TotalTime);

/// <summary>What a download left on disk, or why it left nothing.</summary>
internal sealed record FetchResult
{
    public EgressFailure? Failure { get; private init; }

    public long Bytes { get; private init; }

    /// <summary>Lower-case hex of the body.</summary>
    public string Sha256 { get; private init; } = "";

    public static FetchResult Stored(long bytes, string sha256) => new() { Bytes = bytes, Sha256 = sha256 };

    public static implicit operator FetchResult(EgressFailure failure) => new() { Failure = failure };
}
