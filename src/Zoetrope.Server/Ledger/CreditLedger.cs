using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Ledger;

/// <summary>
/// The double-entry ledger of credits. Every method books inside the caller's transaction: an append-only transfer and
/// the balance it changes. Money is never made here, it moves between buckets: <c>issued → available → held → revenue</c>,
/// and the possible cost of an unknown outcome <c>provider → suspense</c>.
/// </summary>
internal sealed class CreditLedger(TimeProvider time)
{
    /// <summary>The most that one booking may move; keeps every sum far from the end of <see cref="long"/>.</summary>
    public const long MaxAmount = 1_000_000_000_000;

    /// <summary>
    /// A hold's transfer has its generation's digits, so a generation cannot be held twice and its hold is found by
    /// primary key, without an index that every submit would pay for.
    /// </summary>
    public static string HoldId(string generationId) => string.Concat(Ids.Transfer, generationId.AsSpan(Ids.Generation.Length));

    /// <summary>Reserves credits for a generation; what stays available, or INSUFFICIENT_CREDITS.</summary>
    public async Task<Outcome<long>> HoldAsync(Tx tx, string accountId, KeyMode mode, string generationId, long amount)
    {
        Require(amount);
        var left = await tx.ScalarAsync<long?>(LedgerSql.TakeAvailable, new { account_id = accountId, mode = (long)mode, amount });
        if (left is null)
        {
            var balance = await BalanceAsync(tx, accountId, mode);
            return Insufficient(amount, balance.Available);
        }

        await InsertAsync(tx, accountId, mode, HoldId(generationId), "hold", "available", "held", amount, generationId, reason: null);
        return left.Value;
    }

    /// <summary>Charges <paramref name="charged"/> of a hold and gives the rest back. Charging nothing is a release.</summary>
    public async Task<Resolution> SettleAsync(Tx tx, string accountId, KeyMode mode, string generationId, long held, long charged, string? reason = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(charged);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(charged, held);
        if (charged == 0)
        {
            return await ReleaseAsync(tx, accountId, mode, generationId, held, reason);
        }

        var resolution = await ResolveAsync(tx, accountId, mode, generationId, "settle", "revenue", held, charged, back: held - charged, reason);
        if (resolution == Resolution.Done && held > charged)
        {
            await InsertAsync(tx, accountId, mode, NewId(), "release", "held", "available", held - charged, generationId, reason);
        }

        return resolution;
    }

    /// <summary>Gives a whole hold back.</summary>
    public Task<Resolution> ReleaseAsync(Tx tx, string accountId, KeyMode mode, string generationId, long held, string? reason = null) =>
        ResolveAsync(tx, accountId, mode, generationId, "release", "available", held, held, back: held, reason);

    /// <summary>Gives credits to an account. With a reference it happens once, however often it is asked for.</summary>
    public Task<Outcome<Booking>> GrantAsync(Tx tx, string accountId, KeyMode mode, long amount, string reason, string? reference = null) =>
        BookAsync(tx, accountId, mode, "grant", amount, generationId: null, reason, reference);

    /// <summary>Corrects an account's credits up or down, never below zero.</summary>
    public Task<Outcome<Booking>> AdjustAsync(Tx tx, string accountId, KeyMode mode, long amount, string reason, string? reference = null) =>
        BookAsync(tx, accountId, mode, "adjust", amount, generationId: null, reason, reference);

    /// <summary>
    /// Gives back what a generation was charged: a part, or without an amount all that is left. Never more than was settled
    /// and not yet refunded.
    /// </summary>
    public async Task<Outcome<Booking>> RefundAsync(
        Tx tx, string accountId, KeyMode mode, string generationId, long? amount, string reason, string? reference = null)
    {
        Require(amount ?? 1);

        // So that two refunds of one generation see each other.
        await LockAsync(tx, accountId, mode);
        if (reference is not null && await ReplayAsync(tx, accountId, mode, "refund", amount, generationId, reference) is { } replay)
        {
            return replay;
        }

        var left = await RefundableAsync(tx, accountId, mode, generationId);
        if (left == 0)
        {
            return Problems.InvalidOperation.With("This task was not charged, or was refunded already.");
        }

        return amount > left
            ? Problems.InvalidOperation.With($"Not that much was charged and not yet refunded. Refundable: {left}", "amount", $"{amount}", $"at most {left}")
            : await BookAsync(tx, accountId, mode, "refund", amount ?? left, generationId, reason, reference);
    }

    /// <summary>What was settled for a generation and not yet refunded.</summary>
    public static async Task<long> RefundableAsync(Session session, string accountId, KeyMode mode, string generationId)
    {
        var settled = await session.ScalarAsync<long?>(
            """
            select amount from ledger_transfers
            where resolves = @generationId and account_id = @accountId and mode = @mode and kind = 'settle'
            """,
            new { generationId, accountId, mode = (long)mode }) ?? 0;
        var refunded = await session.ScalarAsync<long>(
            """
            select cast(coalesce(sum(amount), 0) as bigint) from ledger_transfers
            where generation_id = @generationId and kind = 'refund' and account_id = @accountId
            """,
            new { generationId, accountId });
        return checked(settled - refunded);
    }

    /// <summary>Books what a provider may charge for an outcome that is not known. No customer's balance changes.</summary>
    public async Task SuspendAsync(Tx tx, string accountId, KeyMode mode, string generationId, long amount, string reason)
    {
        Require(amount);
        await InsertAsync(tx, accountId, mode, NewId(), "suspend", "provider", "suspense", amount, generationId, reason);
    }

    /// <summary>Takes all that is in suspense for a generation out of it once the truth is known; returns how much that was.</summary>
    public async Task<long> ResolveSuspenseAsync(Tx tx, string accountId, KeyMode mode, string generationId, string reason)
    {
        await LockAsync(tx, accountId, mode);
        var suspended = await tx.ScalarAsync<long>(
            """
            select cast(coalesce(sum(case when kind = 'suspend' then amount else -amount end), 0) as bigint) from ledger_transfers
            where generation_id = @generationId and kind in ('suspend', 'unsuspend') and account_id = @accountId and mode = @mode
            """,
            new { generationId, accountId, mode = (long)mode });
        if (suspended > 0)
        {
            await InsertAsync(tx, accountId, mode, NewId(), "unsuspend", "suspense", "provider", suspended, generationId, reason);
        }

        return suspended;
    }

    public static async Task<Balance> BalanceAsync(Session session, string accountId, KeyMode mode) =>
        await session.FirstOrDefaultAsync<Balance>(
            "select available, held from balances where account_id = @accountId and mode = @mode",
            new { accountId, mode = (long)mode }) ?? Balance.None;

    /// <summary>
    /// Newest first, starting before the transfer <paramref name="before"/>. What a provider may charge us is not the
    /// customer's business and not listed.
    /// </summary>
    public static Task<List<Transfer>> ListAsync(Session session, string accountId, KeyMode mode, string? kind, int limit, string? before) =>
        session.QueryAsync<Transfer>(
            $"""
            select id, mode, kind, debit, credit, amount, generation_id, reason, created_at from ledger_transfers
            where account_id = @accountId and mode = @mode {(before is null ? "" : "and id < @before")}
                and {(kind is null ? "kind not in ('suspend', 'unsuspend')" : "kind = @kind")}
            order by id desc limit @limit
            """,
            new { accountId, mode = (long)mode, kind, limit = (long)limit, before });

    public static Problem Insufficient(long required, long available) =>
        Problems.InsufficientCredits.With($"Insufficient credits. Required: {required}, Available: {available}");

    private static void Require(long amount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(amount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(amount, MaxAmount);
    }

    // Takes the balance's row lock without changing it; the same statement on both databases.
    private static Task LockAsync(Tx tx, string accountId, KeyMode mode) => tx.ExecuteAsync(
        "update balances set available = available where account_id = @accountId and mode = @mode",
        new { accountId, mode = (long)mode });

    private async Task<Resolution> ResolveAsync(
        Tx tx, string accountId, KeyMode mode, string generationId, string kind, string credit, long held, long amount, long back, string? reason)
    {
        Require(held);
        var inserted = await tx.ExecuteAsync(LedgerSql.InsertResolution, new
        {
            account_id = accountId,
            id = NewId(),
            mode = (long)mode,
            kind,
            credit,
            amount,
            generation_id = generationId,
            reason,
            created_at = NowMs(),
            hold_id = HoldId(generationId),
            held,
        });
        if (inserted == 0)
        {
            return await ResolvedAsAsync(tx, accountId, generationId);
        }

        var changed = await tx.ExecuteAsync(LedgerSql.Resolve, new { account_id = accountId, mode = (long)mode, held, back });
        return changed == 1
            ? Resolution.Done
            : throw new InvalidOperationException($"Account {accountId} has a hold and no balance.");
    }

    private static async Task<Resolution> ResolvedAsAsync(Tx tx, string accountId, string generationId) =>
        await tx.ScalarAsync<string>(
            "select kind from ledger_transfers where resolves = @generationId and account_id = @accountId",
            new { generationId, accountId }) switch
        {
            "settle" => Resolution.AlreadySettled,
            "release" => Resolution.AlreadyReleased,
            _ => Resolution.NoSuchHold,
        };

    // Between the account and the outside: a positive amount comes to the account, a negative one leaves it.
    private async Task<Outcome<Booking>> BookAsync(
        Tx tx, string accountId, KeyMode mode, string kind, long amount, string? generationId, string reason, string? reference)
    {
        Require(amount == long.MinValue ? 0 : Math.Abs(amount));
        if (amount < 0)
        {
            // Everything that can refuse comes before the first write: a problem is returned with nothing booked.
            await LockAsync(tx, accountId, mode);
            if (reference is not null && await ReplayAsync(tx, accountId, mode, kind, amount, generationId, reference) is { } replay)
            {
                return replay;
            }

            var balance = await BalanceAsync(tx, accountId, mode);
            if (balance.Available + amount < 0)
            {
                return Insufficient(-amount, balance.Available);
            }
        }

        var outside = kind == "refund" ? "revenue" : "issued";
        var id = NewId();
        if (await InsertReferencedAsync(tx, accountId, mode, id, kind, outside, amount, generationId, reason, reference) == 0)
        {
            return await ReplayAsync(tx, accountId, mode, kind, amount, generationId, reference!)
                ?? throw new InvalidOperationException($"Reference of {accountId} vanished.");
        }

        await tx.ExecuteAsync(
            amount > 0
                ? """
                insert into balances (account_id, mode, available, held) values (@accountId, @mode, @amount, 0)
                on conflict (account_id, mode) do update set available = balances.available + excluded.available,
                    alerted_below = case when balances.available + excluded.available >= balances.alerted_below then null else balances.alerted_below end
                """
                : "update balances set available = available + @amount where account_id = @accountId and mode = @mode",
            new { accountId, mode = (long)mode, amount });
        return new Booking(id, amount, Replayed: false);
    }

    private Task<int> InsertReferencedAsync(
        Tx tx, string accountId, KeyMode mode, string id, string kind, string outside, long amount, string? generationId, string reason, string? reference) =>
        tx.ExecuteAsync(LedgerSql.InsertReferenced, new
        {
            account_id = accountId,
            id,
            mode = (long)mode,
            kind,
            debit = amount > 0 ? outside : "available",
            credit = amount > 0 ? "available" : outside,
            amount = Math.Abs(amount),
            generation_id = generationId,
            reason,
            reference,
            created_at = NowMs(),
        });

    private static async Task<Outcome<Booking>?> ReplayAsync(
        Tx tx, string accountId, KeyMode mode, string kind, long? amount, string? generationId, string reference)
    {
        var first = await tx.FirstOrDefaultAsync<Transfer>(
            """
            select id, mode, kind, debit, credit, amount, generation_id, reason, created_at from ledger_transfers
            where account_id = @accountId and reference = @reference
            """,
            new { accountId, reference });
        if (first is null)
        {
            return null;
        }

        var booked = first.Credit == "available" ? first.Amount : -first.Amount;
        return first.Kind == kind && first.Mode == (long)mode && booked == (amount ?? booked) && first.GenerationId == generationId
            ? new Booking(first.Id, booked, Replayed: true)
            : Problems.IdempotencyMismatch.With("This reference was used for a different booking.", "reference", reference);
    }

    private static Task InsertAsync(
        Tx tx, string accountId, KeyMode mode, string id, string kind, string debit, string credit, long amount, string? generationId, string? reason, long createdAt) =>
        tx.ExecuteAsync(LedgerSql.Insert, new
        {
            account_id = accountId,
            id,
            mode = (long)mode,
            kind,
            debit,
            credit,
            amount,
            generation_id = generationId,
            reason,
            created_at = createdAt,
        });

    private Task InsertAsync(
        Tx tx, string accountId, KeyMode mode, string id, string kind, string debit, string credit, long amount, string? generationId, string? reason) =>
        InsertAsync(tx, accountId, mode, id, kind, debit, credit, amount, generationId, reason, NowMs());

    private string NewId() => Ids.New(Ids.Transfer, time);

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
