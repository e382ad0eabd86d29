using Zoetrope.Server.Accounts;
using Zoetrope.Server.Admission.Gates;
using Zoetrope.Server.Events;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Admission.Commit;

/// <summary>
/// Transaction 1 for many submits at once: idempotency, the plan's day, the key's rate and flight, the hold, the row, the
/// ledger line and the event. Each submit is decided in order of arrival, in memory, against rows that are locked, and a
/// submit of several requests is decided as one: all of them or none. Then all that were accepted are written together.
/// </summary>
internal sealed class CommitGroup(ICommitStatements statements, CreditAlerts alerts, TimeProvider time)
{
    private readonly CommitBooks _books = new();
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
            await AttachAsync(tx, now);
            await statements.WriteAsync(tx, _accepted, today, _books, now);
            await alerts.TellAsync(tx, _books, now);
        }

        CrashPoints.Hit("K2");
    }

    // Before their first events, which are told already.
    private async Task AttachAsync(Tx tx, DateTimeOffset now)
    {
        foreach (var (request, submission, tasks, _) in _accepted)
        {
            if (request.Batch?.WebhookUrl is { } ofBatch)
            {
                await TaskWebhooks.AttachAsync(tx, request.Caller.AccountId, request.Caller.Mode, submission.Id, ofBatch, now);
            }

            foreach (var (item, id, _) in tasks)
            {
                if (item.WebhookUrl is { } url)
                {
                    await TaskWebhooks.AttachAsync(tx, request.Caller.AccountId, request.Caller.Mode, id, url, now);
                }
            }
        }
    }

    private Outcome<Submission> Decide(NewSubmit request, DateTimeOffset now)
    {
        var caller = request.Caller;
        var count = request.Items.Count;
        var account = (caller.AccountId, caller.Mode);

        // A replay comes first: it must answer alike even when credits or requests have run out meanwhile.
        if (request.Idempotent is { } idempotent && _books.Answers.TryGetValue((caller.AccountId, caller.Mode, idempotent.Key), out var stored))
        {
            return Replay(stored, idempotent);
        }

        var day = caller.Plan.RequestsPerDay is null ? null : _books.Days[caller.AccountId];
        if (day is not null && DailyQuota.Check(caller.Plan, day.Requests, now, count, request.CountField) is { } quotaUsed)
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

        if (caller.Limits.InFlight is { } limit && key.InFlight + count > limit)
        {
            return TooMany(request, key.InFlight, limit);
        }

        var spender = _books.Keys[caller.SpendsWith];
        var granter = caller.Granter is { } parent ? _books.Keys[parent.SpendsWith] : null;
        if ((SpendCap.Check(caller.Limits.SpendPerDay, spender.Spent, request.Quoted, now)
            ?? (granter is null ? null : SpendCap.Check(caller.Granter!.SpendPerDay, granter.Spent, request.Quoted, now, ofGranter: true))) is { } capped)
        {
            return capped;
        }

        var funds = _books.Funds[account];
        if (funds.Available < request.Quoted)
        {
            return CreditLedger.Insufficient(request.Quoted, funds.Available);
        }

        // Last of all, so that nobody is asked about a request that would be refused anyway.
        if (AskAbove.Check(caller.Limits.AskAbove, request.Quoted, request.Confirmed) is { } unconfirmed)
        {
            return unconfirmed;
        }

        spender.Spent = checked(spender.Spent + request.Quoted);
        if (granter is not null)
        {
            granter.Spent = checked(granter.Spent + request.Quoted);
        }

        funds.Available = checked(funds.Available - request.Quoted);
        funds.Held = checked(funds.Held + request.Quoted);
        key.InFlight += count;
        key.NextAllowedMicroseconds = nextAllowed;
        if (day is not null)
        {
            day.Requests += count;
        }

        var milliseconds = now.ToUnixTimeMilliseconds();
        var tasks = new AcceptedTask[count];
        for (var i = 0; i < count; i++)
        {
            var id = Ids.New(Ids.Generation, milliseconds);
            tasks[i] = new AcceptedTask(request.Items[i], id, CreditLedger.HoldId(id));
        }

        var submission = new Submission
        {
            Id = request.Batch is null ? tasks[0].Id : Ids.New(Ids.Batch, milliseconds),
            TaskIds = [.. tasks.Select(task => task.Id)],
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds),
            CreditsUsed = request.Quoted,
            CreditsRemaining = funds.Available,
            RequestsToday = day?.Requests,
        };
        var answer = request.Idempotent?.Answer(submission);
        _accepted.Add(new AcceptedSubmit(request, submission, tasks, answer));
        if (request.Idempotent is { } first)
        {
            _books.Answers[(caller.AccountId, caller.Mode, first.Key)] = new StoredAnswer(first.Fingerprint, submission.Id, answer!);
        }

        return submission;
    }

    private static Problem TooMany(NewSubmit request, long inFlight, int limit)
    {
        var count = request.Items.Count;
        if (count > limit)
        {
            // Waiting would not help: so many never fit.
            return Problems.InvalidParameter.With(
                $"{count} requests at once are more than the {limit} unfinished tasks that this key may have.", request.CountField, $"{count}", $"at most {limit}");
        }

        var more = count == 1 ? "" : $"; {count} more do not fit";
        return Problems.TooManyInFlight.With(
            $"This key has {inFlight} unfinished tasks and may have {limit}{more}. Wait for some to end, or cancel some.",
            allowed: $"at most {limit} unfinished tasks") with
        { RetryAfter = TimeSpan.FromSeconds(1) };
    }

    internal static Outcome<Submission> Replay(StoredAnswer stored, IdempotentRequest request) =>
        stored.Fingerprint.AsSpan().SequenceEqual(request.Fingerprint)
            ? new Submission { Id = stored.SubjectId, TaskIds = [], CreatedAt = default, CreditsUsed = 0, CreditsRemaining = 0, Replayed = stored.Response }
            : Problems.IdempotencyMismatch.With(
                "This Idempotency-Key was used with a different request. Use a new key for a new request, or repeat the first one exactly.",
                field: "Idempotency-Key",
                given: request.Key);
}

/// <summary>A submit waiting for its transaction.</summary>
internal sealed class PendingSubmit(NewSubmit request)
{
    public NewSubmit Request => request;

    public Outcome<Submission> Result { get; set; }

    public TaskCompletionSource<Outcome<Submission>> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A submit that may start, with the ids that its rows will have.</summary>
internal sealed record AcceptedSubmit(NewSubmit Request, Submission Submission, IReadOnlyList<AcceptedTask> Tasks, string? Answer)
{
    public string? BatchId => Request.Batch is null ? null : Submission.Id;
}

/// <summary>One task of it.</summary>
internal readonly record struct AcceptedTask(NewGeneration Item, string Id, string TransferId);

/// <summary>What a batch decides on and changes: the rows as read, then as they will be written.</summary>
internal sealed class CommitBooks
{
    public Dictionary<(string Account, KeyMode Mode), Funds> Funds { get; } = [];

    public Dictionary<string, Day> Days { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, KeyFlight> Keys { get; } = new(StringComparer.Ordinal);

    public Dictionary<(string Account, KeyMode Mode, string Key), StoredAnswer> Answers { get; } = [];

    /// <summary>The rows of <c>key_usage</c> that a submit of this caller decides on: nearly always one.</summary>
    public static IEnumerable<string> KeysOf(Caller caller)
    {
        yield return caller.ApiKeyId;
        yield return caller.SpendsWith;
        if (caller.Granter is { } granter)
        {
            yield return granter.SpendsWith;
        }
    }
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

/// <summary>A key's unfinished generations, when its rate next allows a call, and what it has spent today.</summary>
internal sealed class KeyFlight(long inFlight, long nextAllowedMicroseconds, long spentDay, long spent, long today)
{
    public static KeyFlight New(long today) => new(0, 0, today, 0, today);

    public long InFlight { get; set; } = inFlight;

    public long NextAllowedMicroseconds { get; set; } = nextAllowedMicroseconds;

    /// <summary>Never back: a node whose clock is behind at midnight counts on the day that has begun elsewhere.</summary>
    public long SpentDay { get; } = Math.Max(spentDay, today);

    public long Spent { get; set; } = spentDay >= today ? spent : 0;
}

/// <summary>What an idempotency key stands for.</summary>
/// <param name="SubjectId">What was made: a task, or a batch.</param>
internal sealed record StoredAnswer(byte[] Fingerprint, string SubjectId, string Response);

/// <summary>The SQL of a batch: row by row on SQLite, over arrays on PostgreSQL.</summary>
internal interface ICommitStatements
{
    /// <summary>Reads, and on PostgreSQL locks in a fixed order, everything that the batch decides on; absent rows count as zero.</summary>
    Task LoadAsync(Tx tx, IReadOnlyList<PendingSubmit> pending, long today, CommitBooks books);

    Task WriteAsync(Tx tx, IReadOnlyList<AcceptedSubmit> accepted, long today, CommitBooks books, DateTimeOffset now);
}
