using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zoetrope.Contracts.VicSee;

/// <summary>Answer of <c>POST /api/v1/generate</c>: the task exists and its credits are held.</summary>
/// <param name="Id">The task's id (<c>task_…</c>).</param>
/// <param name="Model">The model's id; for an alias, the id that it names.</param>
/// <param name="Status">Always <c>pending</c>.</param>
/// <param name="CreditsUsed">Credits held for this task; the charge when it completes, returned in full when it fails.</param>
/// <param name="CreditsRemaining">Credits available after the hold.</param>
/// <param name="CreatedAt">ISO 8601, UTC, milliseconds.</param>
/// <param name="ResolvedParams">Every parameter with its default resolved, as it was priced and will be sent.</param>
public sealed record TaskCreated(
    string Id, string Model, string Status, long CreditsUsed, long CreditsRemaining, string CreatedAt, JsonElement ResolvedParams);

/// <summary>Answer of the upscale tools: a task, and what was found out about the input.</summary>
/// <param name="Id">The task's id (<c>task_…</c>).</param>
/// <param name="Model"><c>topaz-image-upscale</c> or <c>topaz-video-upscale</c>.</param>
/// <param name="Status">Always <c>pending</c>.</param>
/// <param name="Input">The request with what was detected.</param>
/// <param name="CreditsUsed">Credits held for this task.</param>
/// <param name="CreditsRemaining">Credits available after the hold.</param>
/// <param name="CreatedAt">ISO 8601, UTC, milliseconds.</param>
public sealed record UpscaleCreated(
    string Id, string Model, string Status, UpscaleInput Input, long CreditsUsed, long CreditsRemaining, string CreatedAt);

/// <summary>The request of an upscale with what was detected.</summary>
public sealed record UpscaleInput
{
    /// <summary>The input image as given; a data URI is shortened.</summary>
    [JsonPropertyName("image_url")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ImageUrl { get; init; }

    /// <summary>The input video as given.</summary>
    [JsonPropertyName("video_url")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? VideoUrl { get; init; }

    /// <summary><c>1</c>, <c>2</c> or <c>4</c>.</summary>
    [JsonPropertyName("upscale_factor")]
    public required string UpscaleFactor { get; init; }

    /// <summary>Width × height of the input, for example <c>1280×720</c>.</summary>
    [JsonPropertyName("detected_dimensions")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DetectedDimensions { get; init; }

    /// <summary>Size class of the output by its longer side: <c>hd</c> to 2,048 pixels, <c>4k</c> to 5,120, <c>8k</c> above.</summary>
    [JsonPropertyName("output_tier")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? OutputTier { get; init; }

    /// <summary>Length of the input video, for example <c>8.5s</c>.</summary>
    [JsonPropertyName("detected_duration")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DetectedDuration { get; init; }

    /// <summary>Whole seconds that are charged.</summary>
    [JsonPropertyName("billed_seconds")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? BilledSeconds { get; init; }

    /// <summary>Credits of one billed second.</summary>
    [JsonPropertyName("credits_per_second")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? CreditsPerSecond { get; init; }
}

/// <summary>Body of <c>POST /api/v1/tasks/{id}/share</c>.</summary>
/// <param name="Words">Whether the link shows the prompt.</param>
public sealed record ShareRequest(bool Words)
{
    /// <summary>When the link ends, ISO 8601; left out means that it stands.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ExpiresAt { get; init; }
}

/// <summary>A link that shows a result to whoever has it.</summary>
/// <param name="Url">The link.</param>
/// <param name="Words">Whether it shows the prompt.</param>
/// <param name="ExpiresAt">When it ends; <see langword="null"/> means never.</param>
public sealed record TaskShare(string Url, bool Words, string? ExpiresAt);

/// <summary>Something that happened to a task.</summary>
/// <param name="Step">
/// <c>made</c>, <c>held</c>, <c>sent</c>, <c>refused</c>, <c>unknown</c>, <c>ready</c>, <c>stored</c>, <c>failed</c>, <c>cancelled</c>,
/// <c>settled</c>, <c>released</c> or <c>refunded</c>; for operators also <c>suspended</c> and <c>unsuspended</c>.
/// </param>
/// <param name="At">ISO 8601, UTC, milliseconds.</param>
/// <param name="Seconds">Since the step before.</param>
public sealed record TaskStep(string Step, string At, double Seconds)
{
    /// <summary>The provider that it was sent to.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Provider { get; init; }

    /// <summary>The number of the submission, from 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Attempt { get; init; }

    /// <summary>Credits that were booked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Credits { get; init; }

    /// <summary>Why: the code of a failure, the reason of a refund; for operators also the provider's words.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Words { get; init; }
}

/// <summary>A task as <c>GET /api/v1/tasks/{id}</c> reads it.</summary>
public sealed record TaskState
{
    /// <summary>The task's id (<c>task_…</c>).</summary>
    public required string Id { get; init; }

    /// <summary>The model's id.</summary>
    public required string Model { get; init; }

    /// <summary>
    /// <c>pending</c>, <c>processing</c>, <c>completed</c> or <c>failed</c>; a cancelled task is <c>failed</c> with code
    /// <c>CANCELLED</c>.
    /// </summary>
    public required string Status { get; init; }

    /// <summary><c>image</c> or <c>video</c>.</summary>
    public required string MediaType { get; init; }

    /// <summary>The prompt; empty if the model accepts none.</summary>
    public required string Prompt { get; init; }

    /// <summary>ISO 8601, UTC, milliseconds.</summary>
    public required string CreatedAt { get; init; }

    /// <summary>The result once completed, otherwise <see langword="null"/>.</summary>
    public required TaskFile? Result { get; init; }

    /// <summary>Why it failed, otherwise <see langword="null"/>.</summary>
    public required TaskError? Error { get; init; }

    /// <summary>0–100, never going back; 100 only when completed.</summary>
    public required int Progress { get; init; }

    /// <summary>
    /// <see langword="true"/> if the provider reports nothing and <c>progress</c> is estimated from how long such tasks
    /// took before.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? ProgressEstimated { get; init; }

    /// <summary>Seconds that the run will probably still take, estimated from earlier tasks; absent if nothing is known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? EtaSeconds { get; init; }

    /// <summary>
    /// Place among the account's own waiting tasks for the same provider: 1 is next, 200 also means further back. Only while
    /// pending.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? QueuePosition { get; init; }

    /// <summary><c>test</c> or <c>live</c>, as the key that made it.</summary>
    public required string Mode { get; init; }

    /// <summary>Who runs or ran it; <c>sandbox</c> is this server's own renderer, not a real model.</summary>
    public required string Provider { get; init; }

    /// <summary>Which route it took to a real provider; absent in the sandbox and before the first attempt.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TaskRoute? Route { get; init; }

    /// <summary>Credits held while it runs; after the end what was charged, 0 when failed.</summary>
    public required long CreditsUsed { get; init; }

    /// <summary>Every parameter with its default resolved.</summary>
    public required JsonElement ResolvedParams { get; init; }

    /// <summary>When each step happened.</summary>
    public required TaskTimings Timings { get; init; }

    /// <summary>Whether a cancel was requested and is not decided yet, or was declined by the provider.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Cancel { get; init; }

    /// <summary>The batch it was submitted with (<c>batch_…</c>); absent if it was submitted alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? BatchId { get; init; }

    /// <summary>The tags of its request; absent if it had none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>The <c>user</c> of its request; absent if it had none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? User { get; init; }

    /// <summary>Whether you gave it a star; absent if not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Star { get; init; }

    /// <summary>The collection that you put it into; absent if none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Collection { get; init; }

    /// <summary>When you deleted its files; <c>result</c> is null from then on. Absent if you did not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ResultDeletedAt { get; init; }

    /// <summary>All result files if the model made several; the first is <c>result</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<TaskFile>? Results { get; init; }

    /// <summary>The link that shows the result to whoever has it; absent where it is not shared.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TaskShare? Share { get; init; }

    /// <summary>What happened to it, in order; only with <c>view=full</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<TaskStep>? Timeline { get; init; }
}

/// <summary>How a task was sent to its provider.</summary>
/// <param name="Provider">The provider of the latest attempt.</param>
/// <param name="Model">The provider's own model id.</param>
/// <param name="Attempt">How many attempts there were; more than one after a refusal and a failover.</param>
/// <param name="RequestId">The provider's own request id, for its support; <see langword="null"/> until it answered.</param>
/// <param name="Sent">Every parameter as it was sent: the provider's fields and values, without prompt and files.</param>
public sealed record TaskRoute(string Provider, string Model, int Attempt, string? RequestId, JsonElement Sent);

/// <summary>How a provider failed, in one word of ours and in its own words.</summary>
/// <param name="Kind">
/// <c>invalid_input</c>, <c>content_refused</c>, <c>rate_limited</c>, <c>quota_exhausted</c>, <c>auth</c>, <c>unavailable</c>,
/// <c>unknown_outcome</c>, <c>bad_output</c>, <c>expired</c> or <c>canceled</c>.
/// </param>
/// <param name="Code">The provider's code.</param>
/// <param name="Message">The provider's message, shortened.</param>
/// <param name="Retryable">Whether the same request may succeed later.</param>
/// <param name="Charged">
/// Whether the provider bills the operator for it; <see langword="null"/> where its answer was lost and nobody knows. The customer is
/// never charged for a failure.
/// </param>
public sealed record ProviderFailureReport(string Kind, string Code, string Message, bool Retryable, bool? Charged);

/// <summary>A result file.</summary>
public sealed record TaskFile
{
    /// <summary>A signed URL of this server; every read of the task makes a fresh one.</summary>
    public required string Url { get; init; }

    /// <summary><c>image</c> or <c>video</c>.</summary>
    public required string Type { get; init; }

    /// <summary>MIME type by the file's own signature.</summary>
    public required string ContentType { get; init; }

    /// <summary>Pixels.</summary>
    public int? Width { get; init; }

    /// <summary>Pixels.</summary>
    public int? Height { get; init; }

    /// <summary>Seconds of a video.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Duration { get; init; }

    /// <summary>Frames per second of a video.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Fps { get; init; }

    /// <summary>Picture codec, for example <c>h264</c> or <c>png</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Codec { get; init; }

    /// <summary>Sound codec of a video with a sound track.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AudioCodec { get; init; }

    /// <summary>Size of the file.</summary>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 of the file, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>A JPEG preview of at most 512 pixels a side.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PosterUrl { get; init; }

    /// <summary>When <c>url</c> stops working; read the task again for a new one.</summary>
    public required string ExpiresAt { get; init; }

    /// <summary>
    /// What the file itself says about its origin: <c>iptc</c> (our label that a machine made it), <c>c2pa</c> (the vendor's signed
    /// credentials, kept) or <c>none</c>.
    /// </summary>
    public required string Provenance { get; init; }
}

/// <summary>Why a task failed.</summary>
/// <param name="Code">Stable SCREAMING_SNAKE code.</param>
/// <param name="Key">Snake-case key for localisation; <c>generic</c> if nothing better is known.</param>
/// <param name="Message">One English sentence.</param>
/// <param name="Retryable">Whether the same request may succeed later.</param>
public sealed record TaskError(string Code, string Key, string Message, bool Retryable)
{
    /// <summary>How the provider failed; absent if the provider was not the cause.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ProviderFailureReport? Provider { get; init; }
}

/// <summary>Times of a task, ISO 8601 UTC.</summary>
/// <param name="StartedAt">When a provider's slot was given to it.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="DeadlineAt">When it fails if the provider has not finished.</param>
/// <param name="QueuedMs">Milliseconds it waited.</param>
/// <param name="RunMs">Milliseconds it ran so far or in all.</param>
public sealed record TaskTimings(string? StartedAt, string? FinishedAt, string? DeadlineAt, long QueuedMs, long? RunMs);

/// <summary>One page of tasks, newest first.</summary>
/// <param name="Tasks">The tasks.</param>
/// <param name="NextCursor">Pass as <c>cursor</c> for the next page; <see langword="null"/> on the last one.</param>
public sealed record TaskPage(IReadOnlyList<TaskState> Tasks, string? NextCursor);

/// <summary>Answer of <c>GET /api/v1/tasks/{id}/download</c>.</summary>
/// <param name="Url">A signed URL of the result.</param>
/// <param name="Type"><c>image</c> or <c>video</c>.</param>
/// <param name="ExpiresAt">When the URL stops working.</param>
public sealed record TaskDownload(string Url, string Type, string? ExpiresAt);

/// <summary>Answer of <c>POST /api/v1/estimate</c>: the exact price of the same body sent to <c>/generate</c> now.</summary>
/// <param name="Model">The model's id.</param>
/// <param name="Credits">Credits that would be held and, on success, charged.</param>
/// <param name="CreditsAvailable">Credits available now.</param>
/// <param name="Affordable">Whether they cover it.</param>
/// <param name="ResolvedParams">Every parameter with its default resolved.</param>
/// <param name="Output">The exact shape of the result.</param>
public sealed record Estimate(
    string Model, long Credits, long CreditsAvailable, bool Affordable, JsonElement ResolvedParams, EstimatedOutput Output)
{
    /// <summary>The budget that has no room for it, if one has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReachedBudget? Budget { get; init; }
}

/// <summary>The shape of a result before it is made.</summary>
/// <param name="Type"><c>image</c> or <c>video</c>.</param>
/// <param name="Format"><c>png</c>, <c>jpeg</c>, <c>webp</c> or <c>mp4</c>.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Duration">Seconds of a video.</param>
/// <param name="Fps">Frames per second of a video.</param>
/// <param name="Audio">Whether a video has a sound track.</param>
public sealed record EstimatedOutput(
    string Type, string Format, int Width, int Height, double? Duration = null, int? Fps = null, bool? Audio = null);

/// <summary>Body of <c>PATCH /api/v1/tasks/{id}</c>: what changes.</summary>
public sealed record TaskChange
{
    /// <summary>Gives it a star, or takes it away.</summary>
    public bool? Star { get; init; }

    /// <summary>The collection to put it into, up to 100 characters; null takes it out.</summary>
    public string? Collection { get; init; }

    /// <summary>All its tags; null gives it those of its request again.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }
}
