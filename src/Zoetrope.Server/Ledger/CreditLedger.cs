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

        var hold = New(accountId, mode, "hold", amount) with { Debit = "available", Credit = "held", GenerationId = generationId };
        await InsertAsync(tx, hold with { Id = HoldId(generationId) });
        return left.Value;
    }

    /// <summary>Charges <paramref name="charged"/> of a hold and gives the rest back. Charging nothing is a release.</summary>
    public async Task<Resolution> SettleAsync(
        Tx tx, string accountId, KeyMode mode, string generationId, long held, long charged, string? reason = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(charged);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(charged, held);
        if (charged == 0)
        {
            return await ReleaseAsync(tx, accountId, mode, generationId, held, reason);
        }

        var back = checked(held - charged);
        var settle = New(accountId, mode, "settle", charged) with
        {
            Debit = "held",
            Credit = "revenue",
            GenerationId = generationId,
            Reason = reason,
        };
        var resolution = await ResolveAsync(tx, settle, held, back);
        if (resolution == Resolution.Done && back > 0)
        {
            var release = New(accountId, mode, "release", back) with
            {
                Debit = "held",
                Credit = "available",
                GenerationId = generationId,
                Reason = reason,
            };
            await InsertAsync(tx, release);
        }

        return resolution;
    }

    /// <summary>Gives a whole hold back.</summary>
    public Task<Resolution> ReleaseAsync(Tx tx, string accountId, KeyMode mode, string generationId, long held, string? reason = null)
    {
        var release = New(accountId, mode, "release", held) with
        {
            Debit = "held",
            Credit = "available",
            GenerationId = generationId,
            Reason = reason,
        };
        return ResolveAsync(tx, release, held, back: held);
    }

    /// <summary>Gives credits to an account. With a reference it happens once, however often it is asked for.</summary>
    public Task<Outcome<Booking>> GrantAsync(Tx tx, string accountId, KeyMode mode, long amount, string reason, string? reference = null) =>
        BookAsync(tx, new Correction(accountId, mode, "grant", amount, reason, reference));

    /// <summary>Corrects an account's credits up or down, never below zero.</summary>
    public Task<Outcome<Booking>> AdjustAsync(
        Tx tx, string accountId, KeyMode mode, long amount, string reason, string? reference = null) =>
        BookAsync(tx, new Correction(accountId, mode, "adjust", amount, reason, reference));

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
        var refund = new Correction(accountId, mode, "refund", amount ?? 0, reason, reference) { GenerationId = generationId };
        if (await ReplayAsync(tx, refund, amount) is { } replay)
        {
            return replay;
        }

        var left = await RefundableAsync(tx, accountId, mode, generationId);
        if (left == 0)
        {
            return Problems.InvalidOperation.With("This task was not charged or has already been refunded.");
        }

        return amount > left
            ? Problems.InvalidOperation.With(
                $"The refund exceeds what was charged and not yet refunded. Refundable: {left}.", "amount", $"{amount}", $"at most {left}")
            : await BookAsync(tx, refund with { Amount = amount ?? left });
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
        var suspend = New(accountId, mode, "suspend", amount) with
        {
            Debit = "provider",
            Credit = "suspense",
            GenerationId = generationId,
            Reason = reason,
        };
        await InsertAsync(tx, suspend);
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
            var back = New(accountId, mode, "unsuspend", suspended) with
            {
                Debit = "suspense",
                Credit = "provider",
                GenerationId = generationId,
                Reason = reason,
            };
            await InsertAsync(tx, back);
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
    public static Task<List<Transfer>> ListAsync(
        Session session, string accountId, KeyMode mode, string? kind, int limit, string? before) =>
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

    /// <param name="tx">The caller's transaction.</param>
    /// <param name="posting">What resolves the hold.</param>
    /// <param name="held">The hold's amount; another one is not resolved.</param>
    /// <param name="back">What of it becomes available again.</param>
    private static async Task<Resolution> ResolveAsync(Tx tx, Posting posting, long held, long back)
    {
        Require(held);
        var inserted = await tx.ExecuteAsync(LedgerSql.InsertResolution, new
        {
            posting.AccountId,
            posting.Id,
            Mode = (long)posting.Mode,
            posting.Kind,
            posting.Credit,
            posting.Amount,
            posting.GenerationId,
            posting.Reason,
            posting.CreatedAt,
            HoldId = HoldId(posting.GenerationId!),
            held,
        });
        if (inserted == 0)
        {
            return await ResolvedAsAsync(tx, posting.AccountId, posting.GenerationId!);
        }

        ProveBy(tx, posting);
        var changed = await tx.ExecuteAsync(
            LedgerSql.Resolve, new { account_id = posting.AccountId, mode = (long)posting.Mode, held, back });
        return changed == 1
            ? Resolution.Done
            : throw new InvalidOperationException($"Account {posting.AccountId} has a hold and no balance.");
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

    private async Task<Outcome<Booking>> BookAsync(Tx tx, Correction asked)
    {
        var (accountId, mode, _, amount, _, _) = asked;
        Require(amount == long.MinValue ? 0 : Math.Abs(amount));
        if (amount < 0)
        {
            // Everything that can refuse comes before the first write: a problem is returned with nothing booked.
            await LockAsync(tx, accountId, mode);
            if (await ReplayAsync(tx, asked, amount) is { } replay)
            {
                return replay;
            }

            var balance = await BalanceAsync(tx, accountId, mode);
            if (checked(balance.Available + amount) < 0)
            {
                return Insufficient(checked(-amount), balance.Available);
            }
        }

        var posting = New(accountId, mode, asked.Kind, Math.Abs(amount)) with
        {
            Debit = amount > 0 ? asked.Outside : "available",
            Credit = amount > 0 ? "available" : asked.Outside,
            GenerationId = asked.GenerationId,
            Reason = asked.Reason,
            Reference = asked.Reference,
        };
        if (await tx.ExecuteAsync(LedgerSql.InsertReferenced, posting.ToRow()) == 0)
        {
            return await ReplayAsync(tx, asked, amount) ?? throw new InvalidOperationException($"Reference of {accountId} vanished.");
        }

        ProveBy(tx, posting);
        await tx.ExecuteAsync(
            amount > 0
                ? """
                insert into balances (account_id, mode, available, held) values (@accountId, @mode, @amount, 0)
                on conflict (account_id, mode) do update set available = balances.available + excluded.available,
                    alerted_below = case
                        when balances.available + excluded.available >= balances.alerted_below then null
                        else balances.alerted_below end
                """
                : "update balances set available = available + @amount where account_id = @accountId and mode = @mode",
            new { accountId, mode = (long)mode, amount });
        return new Booking(posting.Id, amount, Replayed: false);
    }

    /// <summary>What was booked under the same reference before; an amount of null is any.</summary>
    private static async Task<Outcome<Booking>?> ReplayAsync(Tx tx, Correction asked, long? amount)
    {
        if (asked.Reference is not { } reference)
        {
            return null;
        }

        var first = await tx.FirstOrDefaultAsync<Transfer>(
            """
            select id, mode, kind, debit, credit, amount, generation_id, reason, created_at from ledger_transfers
            where account_id = @AccountId and reference = @reference
            """,
            new { asked.AccountId, reference });
        if (first is null)
        {
            return null;
        }

        var booked = first.Credit == "available" ? first.Amount : checked(-first.Amount);
        var same = first.Kind == asked.Kind && first.Mode == (long)asked.Mode && first.GenerationId == asked.GenerationId;
        return same && booked == (amount ?? booked)
            ? new Booking(first.Id, booked, Replayed: true)
            : Problems.IdempotencyMismatch.With(
                "This reference was already used for a different booking. Use a new one.", "reference", reference);
    }

    private static Task InsertAsync(Tx tx, Posting posting)
    {
        ProveBy(tx, posting);
        return tx.ExecuteAsync(LedgerSql.Insert, posting.ToRow());
    }

    // Money that was moved is not reported as not moved, whatever became of the connection.
    private static void ProveBy(Tx tx, Posting posting) => tx.ProveBy(async session => await session.ScalarAsync<long>(
        "select count(*) from ledger_transfers where account_id = @AccountId and id = @Id", new { posting.AccountId, posting.Id }) > 0);

    private Posting New(string accountId, KeyMode mode, string kind, long amount)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var id = Ids.New(Ids.Transfer, now);
        return new Posting { AccountId = accountId, Mode = mode, Id = id, Kind = kind, Amount = amount, CreatedAt = now };
    }

    /// <summary>A booking between the account and the outside, as it was asked for: a negative amount leaves the account.</summary>
    private readonly record struct Correction(string AccountId, KeyMode Mode, string Kind, long Amount, string Reason, string? Reference)
    {
        public string? GenerationId { get; init; }

        public string Outside => Kind == "refund" ? "revenue" : "issued";
    }
}
