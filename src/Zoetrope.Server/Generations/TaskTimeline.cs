using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>Something that happened to a task.</summary>
/// <param name="Step">
/// made, held, sent, refused, unknown, ready, stored, failed, cancelled, settled, released, refunded, suspended or unsuspended.
/// </param>
/// <param name="At">Milliseconds.</param>
/// <param name="Provider">Of an attempt.</param>
/// <param name="Attempt">The attempt's number.</param>
/// <param name="Credits">What was booked.</param>
/// <param name="Words">What the provider or the operator said of it.</param>
internal sealed record TimelineStep(
    string Step, long At, string? Provider = null, long? Attempt = null, long? Credits = null, string? Words = null)
{
    /// <summary>Since the step before.</summary>
    public double Seconds { get; init; }
}

/// <summary>What happened to a task, in order: from its row, its attempts and its bookings. It is read, and kept nowhere.</summary>
internal sealed class TaskTimeline(Database database)
{
    private const string AttemptsSql =
        """
        select number, provider, state, error, created_at, ready_at, updated_at
        from attempts where account_id = @account and generation_id = @id order by number
        """;

    private const string BookingsSql =
        """
        select kind, amount, created_at, reason from ledger_transfers where account_id = @account and id = @hold
        union all
        select kind, amount, created_at, reason from ledger_transfers
            where resolves = @id and resolves is not null and account_id = @account
        union all
        select kind, amount, created_at, reason from ledger_transfers
            where generation_id = @id and kind in ('refund', 'suspend', 'unsuspend') and account_id = @account
        """;

    private const string TaskSql =
        "select status, created_at, finished_at, error_code from generations where account_id = @account and id = @id";

    // Of steps of the same millisecond, the one that leads to the other.
    private static readonly string[] Order =
    [
        "made", "held", "sent", "refused", "unknown", "ready", "stored", "failed", "cancelled", "settled", "released", "suspended",
        "unsuspended", "refunded",
    ];

    /// <summary>Empty where there is no such task.</summary>
    /// <param name="accountId">Whose.</param>
    /// <param name="id">The task.</param>
    /// <param name="forOperator">With what providers said and what is in suspense, which are not the customer's business.</param>
    public async ValueTask<IReadOnlyList<TimelineStep>> ReadAsync(string accountId, string id, bool forOperator)
    {
        var (task, attempts, bookings) = await database.ReadAsync(async session =>
        {
            var arguments = new { account = accountId, id, hold = CreditLedger.HoldId(id) };
            return (
                await session.FirstOrDefaultAsync<TaskEnds>(TaskSql, arguments),
                await session.QueryAsync<AttemptTimes>(AttemptsSql, arguments),
                await session.QueryAsync<BookingTime>(BookingsSql, arguments));
        });
        if (task is null)
        {
            return [];
        }

        List<TimelineStep> steps =
        [
            new("made", task.CreatedAt),
            .. attempts.SelectMany(attempt => OfAttempt(attempt, forOperator)),
            .. bookings.Where(booking => forOperator || booking.Kind is not ("suspend" or "unsuspend"))
                .Select(booking => OfBooking(booking, forOperator)),
        ];
        if (task.FinishedAt is { } finished)
        {
            steps.Add(new TimelineStep(
                task.Status switch { "succeeded" => "stored", "canceled" => "cancelled", _ => "failed" }, finished, Words: task.ErrorCode));
        }

        long? before = null;
        return
        [
            .. steps.OrderBy(step => step.At).ThenBy(step => Array.IndexOf(Order, step.Step)).Select(step =>
            {
                var timed = step with { Seconds = before is { } last ? (step.At - last) / 1000.0 : 0 };
                before = step.At;
                return timed;
            }),
        ];
    }

    private static IEnumerable<TimelineStep> OfAttempt(AttemptTimes attempt, bool forOperator)
    {
        yield return new TimelineStep("sent", attempt.CreatedAt, attempt.Provider, attempt.Number);
        if (attempt.ReadyAt is { } ready)
        {
            yield return new TimelineStep("ready", ready, attempt.Provider, attempt.Number);
        }

        if (attempt.State is "refused" or "unknown" or "unresolved" || attempt is { State: "ended", Error: not null })
        {
            yield return new TimelineStep(
                attempt.State is "unknown" or "unresolved" ? "unknown" : "refused",
                attempt.UpdatedAt,
                attempt.Provider,
                attempt.Number,
                Words: forOperator ? attempt.Error : null);
        }
    }

    private static TimelineStep OfBooking(BookingTime booking, bool forOperator) => new(
        booking.Kind switch
        {
            "hold" => "held",
            "settle" => "settled",
            "release" => "released",
            "refund" => "refunded",
            "suspend" => "suspended",
            _ => "unsuspended",
        },
        booking.CreatedAt,
        Credits: booking.Amount,
        Words: forOperator || booking.Kind == "refund" ? booking.Reason : null);

    private sealed record TaskEnds(string Status, long CreatedAt, long? FinishedAt, string? ErrorCode);

    private sealed record AttemptTimes(
        long Number, string Provider, string State, string? Error, long CreatedAt, long? ReadyAt, long UpdatedAt);

    private sealed record BookingTime(string Kind, long Amount, long CreatedAt, string? Reason);
}
