using System.Data.Common;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Zoetrope.Server;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Ledger;

/// <summary>The ledger against its laws and a small model, on either database.</summary>
public abstract class LedgerConformance : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 1, 8, 0, 0, TimeSpan.Zero));
    private CreditLedger _ledger = null!;

    private protected abstract SqlDialect Dialect { get; }

    private protected abstract int ModelRuns { get; }

    private protected TestDatabase Db { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Db = await TestDatabase.CreateAsync(Dialect);
        _ledger = new CreditLedger(_time);
    }

    public async ValueTask DisposeAsync()
    {
        if (Db is not null)
        {
            await Db.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_settle_charges_once_and_gives_the_rest_back()
    {
        var account = NewAccount();
        await GrantAsync(account, 100);
        var task = NewTask();
        Assert.Equal(40, (await HoldAsync(account, task, 60)).Value);

        Assert.Equal(Resolution.Done, await SettleAsync(account, task, 60, 45));
        Assert.Equal(Resolution.AlreadySettled, await SettleAsync(account, task, 60, 45));
        Assert.Equal(Resolution.AlreadySettled, await ReleaseAsync(account, task, 60));

        Assert.Equal(new Balance(55, 0), await BalanceAsync(account));
        Assert.Equal(["release", "settle", "hold", "grant"], (await ListAsync(account)).Select(transfer => transfer.Kind));
    }

    [Fact]
    public async Task A_release_gives_all_back_once()
    {
        var (account, task) = (NewAccount(), NewTask());
        await GrantAsync(account, 100);
        await HoldAsync(account, task, 60);

        Assert.Equal(Resolution.Done, await ReleaseAsync(account, task, 60));
        Assert.Equal(Resolution.AlreadyReleased, await ReleaseAsync(account, task, 60));
        Assert.Equal(Resolution.AlreadyReleased, await SettleAsync(account, task, 60, 60));

        Assert.Equal(new Balance(100, 0), await BalanceAsync(account));
    }

    [Fact]
    public async Task A_hold_that_does_not_exist_or_has_another_amount_is_not_resolved()
    {
        var (account, task) = (NewAccount(), NewTask());
        await GrantAsync(account, 100);
        await HoldAsync(account, task, 60);

        Assert.Equal(Resolution.NoSuchHold, await SettleAsync(account, task, 61, 61));
        Assert.Equal(Resolution.NoSuchHold, await ReleaseAsync(account, NewTask(), 60));
        Assert.Equal(Resolution.NoSuchHold, await Db.Database.InTransactionAsync(tx => _ledger.ReleaseAsync(tx, account, KeyMode.Live, task, 60)));

        Assert.Equal(new Balance(40, 60), await BalanceAsync(account));
    }

    [Fact]
    public async Task A_hold_beyond_the_available_credits_is_refused_with_the_documented_words()
    {
        var account = NewAccount();
        await GrantAsync(account, 45);

        var problem = (await HoldAsync(account, NewTask(), 60)).Problem!;

        Assert.Equal((Problems.InsufficientCredits, "Insufficient credits. Required: 60, Available: 45"), (problem.Kind, problem.Message));
        Assert.Equal(new Balance(45, 0), await BalanceAsync(account));
    }

    [Fact]
    public async Task A_task_cannot_be_held_twice()
    {
        var (account, task) = (NewAccount(), NewTask());
        await GrantAsync(account, 100);
        await HoldAsync(account, task, 10);

        await Assert.ThrowsAnyAsync<DbException>(() => HoldAsync(account, task, 10));

        Assert.Equal(new Balance(90, 10), await BalanceAsync(account));
    }

    [Fact]
    public async Task Two_hundred_parallel_holds_against_credits_for_seventeen_give_exactly_seventeen()
    {
        var account = NewAccount();
        await GrantAsync(account, (17 * 30) + 29);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => HoldAsync(account, NewTask(), 30)));

        Assert.Equal(17, outcomes.Count(outcome => outcome.Problem is null));
        Assert.All(outcomes.Where(outcome => outcome.Problem is not null), outcome => Assert.Equal(Problems.InsufficientCredits, outcome.Problem!.Kind));
        Assert.Equal(new Balance(29, 17 * 30), await BalanceAsync(account));
    }

    [Fact]
    public async Task Parallel_resolutions_of_one_hold_resolve_it_once()
    {
        var (account, task) = (NewAccount(), NewTask());
        await GrantAsync(account, 100);
        await HoldAsync(account, task, 60);

        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? SettleAsync(account, task, 60, 60) : ReleaseAsync(account, task, 60)));

        Assert.Equal(1, results.Count(result => result == Resolution.Done));
        Assert.Equal(0, (await BalanceAsync(account)).Held);
    }

    [Fact]
    public async Task Parallel_grants_with_one_reference_give_once()
    {
        var account = NewAccount();

        var bookings = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ =>
            Db.Database.InTransactionAsync(tx => _ledger.GrantAsync(tx, account, KeyMode.Test, 50, "paid", "invoice 7"))));

        Assert.Single(bookings, booking => !booking.Value.Replayed);
        Assert.Single(bookings.Select(booking => booking.Value.TransferId).Distinct());
        Assert.Equal(new Balance(50, 0), await BalanceAsync(account));
        var other = await Db.Database.InTransactionAsync(tx => _ledger.GrantAsync(tx, account, KeyMode.Test, 51, "paid", "invoice 7"));
        Assert.Equal(Problems.IdempotencyMismatch, other.Problem!.Kind);
        await Db.Database.InTransactionAsync(tx => _ledger.GrantAsync(tx, NewAccount(), KeyMode.Test, 51, "paid", "invoice 7"));
    }

    [Fact]
    public async Task Parallel_refunds_never_give_back_more_than_was_charged()
    {
        var (account, task) = (NewAccount(), NewTask());
        await GrantAsync(account, 100);
        await HoldAsync(account, task, 60);
        await SettleAsync(account, task, 60, 50);

        var refunds = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => RefundAsync(account, task, 20)));

        Assert.Equal(2, refunds.Count(refund => refund.Problem is null));
        Assert.Equal(new Balance(90, 0), await BalanceAsync(account));
        Assert.Null((await RefundAsync(account, task, 10)).Problem);
        Assert.Equal(Problems.InvalidOperation, (await RefundAsync(account, task, 1)).Problem!.Kind);
    }

    [Fact]
    public async Task An_adjustment_downwards_stops_at_zero()
    {
        var account = NewAccount();
        await GrantAsync(account, 100);

        Assert.Null((await AdjustAsync(account, -70, "a")).Problem);
        Assert.True((await AdjustAsync(account, -70, "a")).Value.Replayed);
        Assert.Equal(Problems.InsufficientCredits, (await AdjustAsync(account, -31, null)).Problem!.Kind);
        Assert.Equal(Problems.InsufficientCredits, (await AdjustAsync(NewAccount(), -1, null)).Problem!.Kind);

        Assert.Equal(new Balance(30, 0), await BalanceAsync(account));
    }

    [Fact]
    public async Task Suspense_is_taken_out_once_and_changes_no_balance()
    {
        var (account, task) = (NewAccount(), NewTask());
        await GrantAsync(account, 100);
        await Db.Database.InTransactionAsync(tx => _ledger.SuspendAsync(tx, account, KeyMode.Test, task, 40, "no answer"));

        Assert.Equal(40, await Db.Database.InTransactionAsync(tx => _ledger.ResolveSuspenseAsync(tx, account, KeyMode.Test, task, "not billed")));
        Assert.Equal(0, await Db.Database.InTransactionAsync(tx => _ledger.ResolveSuspenseAsync(tx, account, KeyMode.Test, task, "not billed")));

        Assert.Equal(new Balance(100, 0), await BalanceAsync(account));
        Assert.Equal(["grant"], (await ListAsync(account)).Select(transfer => transfer.Kind));
    }

    [Fact]
    public async Task Amounts_outside_the_range_are_bugs_and_sums_cannot_wrap()
    {
        var account = NewAccount();
        foreach (var amount in new[] { 0, CreditLedger.MaxAmount + 1, long.MaxValue, long.MinValue })
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => GrantAsync(account, amount));
        }

        await GrantAsync(account, 1);
        await Db.ExecuteAsync("update balances set available = @max", new { max = long.MaxValue - 1 });
        await Assert.ThrowsAnyAsync<DbException>(() => GrantAsync(account, 2));
    }

    [Theory]
    [InlineData("update ledger_transfers set amount = 1")]
    [InlineData("delete from ledger_transfers")]
    public async Task The_ledger_is_append_only(string sql)
    {
        await GrantAsync(NewAccount(), 100);

        var refusal = await Assert.ThrowsAnyAsync<DbException>(() => Db.ExecuteAsync(sql));

        Assert.Contains("append-only", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listing_pages_through_everything_newest_first_and_keeps_modes_apart()
    {
        var account = NewAccount();
        for (var i = 1; i <= 25; i++)
        {
            await GrantAsync(account, i);
        }

        await Db.Database.InTransactionAsync(tx => _ledger.GrantAsync(tx, account, KeyMode.Live, 99, "live"));
        var seen = new List<long>();
        for (string? before = null; ;)
        {
            var page = await Db.Database.ReadAsync(async session => await CreditLedger.ListAsync(session, account, KeyMode.Test, null, 10, before));
            if (page.Count == 0)
            {
                break;
            }

            seen.AddRange(page.Select(transfer => transfer.Amount));
            before = page[^1].Id;
        }

        Assert.Equal(Enumerable.Range(1, 25).Reverse().Select(i => (long)i), seen);
        Assert.Empty(await Db.Database.ReadAsync(async session => await CreditLedger.ListAsync(session, account, KeyMode.Test, "refund", 10, null)));
    }

    [Fact]
    public async Task Random_sequences_agree_with_the_model()
    {
        var step = Gen.Select(Gen.Int[0, 7], Gen.Int[0, 5], Gen.Int[1, 60], Gen.Int[0, 60]);
        await step.Array[1, 40].SampleAsync(async steps =>
        {
            var account = NewAccount();
            var tasks = Enumerable.Range(0, 6).Select(_ => NewTask()).ToArray();
            var model = new LedgerModel();
            foreach (var (action, index, amount, part) in steps)
            {
                var task = tasks[index];
                var held = model.HeldOf(index) ?? amount;
                var charged = Math.Min(part, held);
                object expected, actual;
                switch (action)
                {
                    case 0 or 1:
                        (expected, actual) = (model.Grant(amount), Name(await Db.Database.InTransactionAsync(tx => _ledger.GrantAsync(tx, account, KeyMode.Test, amount, "g"))));
                        break;
                    case 2 or 3 when model.HeldOf(index) is null:
                        (expected, actual) = (model.Hold(index, amount), Name(await HoldAsync(account, task, amount)));
                        break;
                    case 2 or 4:
                        (expected, actual) = (model.Settle(index, held, charged), (await SettleAsync(account, task, held, charged)).ToString());
                        break;
                    case 3 or 5:
                        (expected, actual) = (model.Settle(index, held, 0), (await ReleaseAsync(account, task, held)).ToString());
                        break;
                    case 6:
                        (expected, actual) = (model.Refund(index, amount), Name(await RefundAsync(account, task, amount)));
                        break;
                    default:
                        (expected, actual) = (model.Adjust(amount - 30), amount == 30 ? "Done" : Name(await AdjustAsync(account, amount - 30, null)));
                        break;
                }

                Assert.Equal(expected, actual);
                Assert.Equal(new Balance(model.Available, model.Held), await BalanceAsync(account));
            }
        }, iter: ModelRuns, threads: 1);

        var report = await LedgerAudit.RunAsync(Db.Database, _time);
        Assert.Empty(report.Laws.Where(law => law.Law is not ("L9" or "L10")).SelectMany(law => law.Violations));
    }

    private static string Name<T>(Outcome<T> outcome) => outcome.Problem?.Kind.Code ?? "Done";

    private static string NewAccount() => Ids.New(Ids.Account, TimeProvider.System);

    private static string NewTask() => Ids.New(Ids.Generation, TimeProvider.System);

    private Task<Outcome<Booking>> GrantAsync(string account, long amount) =>
        Db.Database.InTransactionAsync(tx => _ledger.GrantAsync(tx, account, KeyMode.Test, amount, "test"));

    private Task<Outcome<Booking>> AdjustAsync(string account, long amount, string? reference) =>
        Db.Database.InTransactionAsync(tx => _ledger.AdjustAsync(tx, account, KeyMode.Test, amount, "test", reference));

    private Task<Outcome<Booking>> RefundAsync(string account, string task, long amount) =>
        Db.Database.InTransactionAsync(tx => _ledger.RefundAsync(tx, account, KeyMode.Test, task, amount, "test"));

    private Task<Outcome<long>> HoldAsync(string account, string task, long amount) =>
        Db.Database.InTransactionAsync(tx => _ledger.HoldAsync(tx, account, KeyMode.Test, task, amount));

    private Task<Resolution> SettleAsync(string account, string task, long held, long charged) =>
        Db.Database.InTransactionAsync(tx => _ledger.SettleAsync(tx, account, KeyMode.Test, task, held, charged));

    private Task<Resolution> ReleaseAsync(string account, string task, long held) =>
        Db.Database.InTransactionAsync(tx => _ledger.ReleaseAsync(tx, account, KeyMode.Test, task, held));

    private async Task<Balance> BalanceAsync(string account) =>
        await Db.Database.ReadAsync(async session => await CreditLedger.BalanceAsync(session, account, KeyMode.Test));

    private async Task<List<Transfer>> ListAsync(string account) =>
        await Db.Database.ReadAsync(async session => await CreditLedger.ListAsync(session, account, KeyMode.Test, null, 50, null));
}

public sealed class SqliteLedgerTests : LedgerConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;

    private protected override int ModelRuns => 100;
}

public sealed class PostgresLedgerTests : LedgerConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;

    private protected override int ModelRuns => 60;
}
