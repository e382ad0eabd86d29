using System.Collections.Concurrent;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Tests.Fixtures;

/// <summary>What becomes of one POST /jobs. The names say whether the vendor took the job: that is what the gateway has to find out.</summary>
internal enum SubmitFault
{
    None,
    Refused,
    Moderated,
    RateLimited,
    RateLimitedWithRetryAfter,
    Unauthorized,
    OutOfCredit,
    ErrorBeforeAcceptance,
    ErrorAfterAcceptance,
    ResetBeforeAcceptance,
    ResetAfterAcceptance,
    ResetMidBodyAfterAcceptance,
    NoAnswerAfterAcceptance,
    MalformedAfterAcceptance,
    HugeAfterAcceptance,
}

/// <summary>What one GET /jobs/{id} answers.</summary>
internal enum PollAnswer
{
    Queued,
    Running,
    Succeeded,
    Failed,
    Moderated,

    /// <summary>The vendor forgot the job, or gave it up.</summary>
    Expired,

    /// <summary>Success without a file: what moderation looks like at several vendors, and what a broken vendor looks like.</summary>
    Empty,
    UnknownStatus,
    ServerError,
    RateLimited,
    Reset,
    Malformed,
    Huge,
}

/// <summary>What GET /results/{id} serves.</summary>
internal enum ResultFault
{
    None,
    Html,
    Truncated,
    RedirectToPrivateAddress,
    ServerError,

    /// <summary>The link has expired.</summary>
    Gone,
}

/// <summary>The life of one job, written down by the test beforehand.</summary>
internal sealed record JobPlan
{
    public SubmitFault Submit { get; init; }

    /// <summary>Answers in order; the last one repeats.</summary>
    public IReadOnlyList<PollAnswer> Polls { get; init; } = [PollAnswer.Running, PollAnswer.Succeeded];

    public ResultFault Result { get; init; }

    /// <summary>What the job is when it is asked about, where that depends on more than how often it was; wins over <see cref="Polls"/>.</summary>
    public Func<PollAnswer>? Answer { get; init; }

    /// <summary>The vendor takes the job at once, but answers the submit only after this.</summary>
    public Task AnswersAfter { get; init; } = Task.CompletedTask;

    /// <summary>The vendor serves the result only after this.</summary>
    public Task ServesAfter { get; init; } = Task.CompletedTask;

    /// <summary>Whether the vendor lets a job run on although it is asked to stop it.</summary>
    public bool RefusesCancel { get; init; }
}

/// <summary>One line of the vendor's books: a job it took and will bill.</summary>
internal sealed record AcceptedJob(string Id, string ClientId, string Model, string Prompt, JobPlan Plan, ResultShape Shape)
{
    private int _polls = -1;
    private int _fetches;

    /// <summary>How often its result was asked for.</summary>
    public int Fetches => Volatile.Read(ref _fetches);

    /// <summary>How often it was asked about.</summary>
    public int Polls => Volatile.Read(ref _polls) + 1;

    public void Fetched() => Interlocked.Increment(ref _fetches);

    public PollAnswer NextAnswer() => Plan.Answer?.Invoke() ?? Plan.Polls[Math.Min(Interlocked.Increment(ref _polls), Plan.Polls.Count - 1)];
}

internal sealed record ResultShape(string Format, int Width, int Height, double Seconds, int FramesPerSecond, bool Audio);

/// <summary>The vendor's append-only books; counting them is how a test proves that nothing was bought twice.</summary>
internal sealed class FakeBooks
{
    private readonly ConcurrentQueue<AcceptedJob> _accepted = new();
    private readonly ConcurrentQueue<JobPlan> _plans = new();
    private readonly ConcurrentDictionary<string, JobPlan> _plansByPrompt = new();
    private readonly ConcurrentQueue<string> _keys = new();
    private int _submits;

    public IReadOnlyList<AcceptedJob> Accepted => [.. _accepted];

    /// <summary>POST /jobs that arrived, taken or not.</summary>
    public int Submits => Volatile.Read(ref _submits);

    /// <summary>Questions about any job.</summary>
    public int Polls => _accepted.Sum(job => job.Polls);

    public JobPlan Default { get; set; } = new();

    /// <summary>Keys whose account has no credit.</summary>
    public HashSet<string> Unpaid { get; } = [];

    /// <summary>The keys of the submits that arrived, in order.</summary>
    public IReadOnlyList<string> Keys => [.. _keys];

    /// <summary>Plans the next submit; the ones after it follow the default again.</summary>
    public void Plan(params ReadOnlySpan<JobPlan> plans)
    {
        foreach (var plan in plans)
        {
            _plans.Enqueue(plan);
        }
    }

    /// <summary>Plans the first submit with this prompt, whenever it comes.</summary>
    public void PlanFor(string prompt, JobPlan plan) => _plansByPrompt[prompt] = plan;

    internal void Asked(string key) => _keys.Enqueue(key);

    internal JobPlan Next(string prompt)
    {
        Interlocked.Increment(ref _submits);
        return _plansByPrompt.TryRemove(prompt, out var own) ? own : _plans.TryDequeue(out var plan) ? plan : Default;
    }

    internal void Append(AcceptedJob job) => _accepted.Enqueue(job);
}
