using Zoetrope.Server.Accounts;
using Zoetrope.Server.Events;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>
/// Transaction 1 for many submits at once: idempotency, the plan's day, the key's rate and flight, the hold, the row, the
/// ledger line and the event. Each request is decided in order of arrival, in memory, against rows that are locked;
/// then all that were accepted are written together.
/// </summary>
internal sealed class SubmitBatch(ISubmitStatements statements, CreditAlerts alerts, TimeProvider time)
{
    private readonly SubmitBooks _books = new();
    private readonly List<AcceptedSubmit> _accepted = [];

    public async Task RunAsync(Tx tx, IReadOnlyList<PendingSubmit> pending)
    {
        var now = time.GetUtcNow();
        var today = UsageCounters.DayOf(now);
        await statements.LoadAsync(tx, pending, today, _books);
        foreach (var submit in pending)
        {
            submit.Result = Decide(submit.Request, now);
        }

        if (_accepted.Count > 0)
        {
            foreach (var (request, submission, _, _) in _accepted)
            {
                if (request.WebhookUrl is { } url)
                {
                    // Before the task's first event, which is told already.
                    await TaskWebhooks.AttachAsync(tx, request.Caller.AccountId, request.Caller.Mode, submission.Id, url, now);
                }
            }

            await statements.WriteAsync(tx, _accepted, today, _books, now);
            await alerts.TellAsync(tx, _books, now);
        }

        CrashPoints.Hit("K2");
    }

    private Outcome<Submission> Decide(NewGeneration request, DateTimeOffset now)
    {
        var caller = request.Caller;
        var account = (caller.AccountId, caller.Mode);

        // A replay comes first: it must answer alike even when credits or requests have run out meanwhile.
        if (request.Idempotent is { } idempotent && _books.Answers.TryGetValue((caller.AccountId, caller.Mode, idempotent.Key), out var stored))
        {
            return Replay(stored, idempotent);
        }

        var day = caller.Plan.RequestsPerDay is null ? null : _books.Days[caller.AccountId];
        if (day is not null && DailyQuota.Check(caller.Plan, day.Requests, now) is { } quotaUsed)
        {
            return quotaUsed;
        }

        var key = _books.Keys[caller.ApiKeyId];
        var nextAllowed = key.NextAllowedMicroseconds;
        if (caller.Limits.RequestsPerMinute is { } perMinute)
        {
            var rate = RequestRate.Next(RequestRate.NowUs(now), nextAllowed, perMinute);
            if (!rate.Allowed)
            {
                return RequestRate.Refusal(perMinute, rate);
            }

            nextAllowed = rate.NextAllowedUs;
        }

        if (caller.Limits.InFlight is { } limit && key.InFlight >= limit)
        {
            return Problems.TooManyInFlight.With(
                $"This key has {key.InFlight} unfinished tasks and may have {limit}. Wait for one to end, or cancel one.",
                allowed: $"at most {limit} unfinished tasks") with
            { RetryAfter = TimeSpan.FromSeconds(1) };
        }

        var funds = _books.Funds[account];
        if (funds.Available < request.Quoted)
        {
            return CreditLedger.Insufficient(request.Quoted, funds.Available);
        }

        funds.Available = checked(funds.Available - request.Quoted);
        funds.Held = checked(funds.Held + request.Quoted);
        key.InFlight++;
        key.NextAllowedMicroseconds = nextAllowed;
        if (day is not null)
        {
            day.Requests++;
        }

        var submission = new Submission
        {
            Id = Ids.New(Ids.Generation, now.ToUnixTimeMilliseconds()),
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()),
            CreditsUsed = request.Quoted,
            CreditsRemaining = funds.Available,
            RequestsToday = day?.Requests,
        };
        var answer = request.Idempotent?.Answer(submission);
        _accepted.Add(new AcceptedSubmit(request, submission, CreditLedger.HoldId(submission.Id), answer));
        if (request.Idempotent is { } first)
        {
            _books.Answers[(caller.AccountId, caller.Mode, first.Key)] = new StoredAnswer(first.Fingerprint, submission.Id, answer!);
        }

        return submission;
    }

    internal static Outcome<Submission> Replay(StoredAnswer stored, IdempotentRequest request) =>
        stored.Fingerprint.AsSpan().SequenceEqual(request.Fingerprint)
            ? new Submission { Id = stored.GenerationId, CreatedAt = default, CreditsUsed = 0, CreditsRemaining = 0, Replayed = stored.Response }
            : Problems.IdempotencyMismatch.With(
                "This Idempotency-Key was used with a different request. Use a new key for a new request, or repeat the first one exactly.",
                field: "Idempotency-Key",
                given: request.Key);
}

/// <summary>A submit waiting for its transaction.</summary>
internal sealed class PendingSubmit(NewGeneration request)
{
    public NewGeneration Request => request;

    public Outcome<Submission> Result { get; set; }

    public TaskCompletionSource<Outcome<Submission>> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

internal sealed record AcceptedSubmit(NewGeneration Request, Submission Submission, string TransferId, string? Answer);

/// <summary>What a batch decides on and changes: the rows as read, then as they will be written.</summary>
internal sealed class SubmitBooks
{
    public Dictionary<(string Account, KeyMode Mode), Funds> Funds { get; } = [];

    public Dictionary<string, Day> Days { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, KeyFlight> Keys { get; } = new(StringComparer.Ordinal);

    public Dictionary<(string Account, KeyMode Mode, string Key), StoredAnswer> Answers { get; } = [];
}

/// <summary>An account's credits in one mode, as the batch changes them.</summary>
internal sealed class Funds(long available, long held, long? alertBelow = null, long? alertedBelow = null)
{
    private readonly long _before = available;

    public long Available { get; set; } = available;

    public long Held { get; set; } = held;

    /// <summary>The figure that the batch's holds took the credits below, where it was armed.</summary>
    public long? Undercut(long byDefault)
    {
        var below = alertBelow ?? byDefault;
        return alertedBelow is null && _before >= below && Available < below ? below : null;
    }
}

/// <summary>An account's costing calls of today.</summary>
internal sealed class Day(long requests)
{
    public long Requests { get; set; } = requests;
}

/// <summary>A key's unfinished generations and when its rate next allows a call.</summary>
internal sealed class KeyFlight(long inFlight, long nextAllowedMicroseconds)
{
    public long InFlight { get; set; } = inFlight;

    public long NextAllowedMicroseconds { get; set; } = nextAllowedMicroseconds;
}

/// <summary>What an idempotency key stands for.</summary>
internal sealed record StoredAnswer(byte[] Fingerprint, string GenerationId, string Response);

/// <summary>The SQL of a batch: row by row on SQLite, over arrays on PostgreSQL.</summary>
internal interface ISubmitStatements
{
    /// <summary>Reads, and on PostgreSQL locks in a fixed order, everything that the batch decides on; absent rows count as zero.</summary>
    Task LoadAsync(Tx tx, IReadOnlyList<PendingSubmit> pending, long today, SubmitBooks books);

    Task WriteAsync(Tx tx, IReadOnlyList<AcceptedSubmit> accepted, long today, SubmitBooks books, DateTimeOffset now);
}
