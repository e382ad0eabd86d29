using Microsoft.Extensions.Time.Testing;
using Zoetrope.Server;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Ledger;

/// <summary>A sound ledger passes; each law notices its own breach.</summary>
public abstract class LedgerAuditConformance : IAsyncLifetime
{
    private const string InsertTransfer = """
        insert into ledger_transfers (account_id, id, mode, kind, debit, credit, amount, generation_id, created_at) values
        """;

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 1, 8, 0, 0, TimeSpan.Zero));
    private string _account = "";
    private string _open = "";
    private string _done = "";

    private protected abstract SqlDialect Dialect { get; }

    private protected TestDatabase Db { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Db = await TestDatabase.CreateAsync(Dialect);
        var ledger = new CreditLedger(_time);
        _account = Ids.New(Ids.Account, _time);
        await Db.Database.InTransactionAsync(tx => ledger.GrantAsync(tx, _account, KeyMode.Test, 1000, "test"));
        _open = await StartAsync(ledger, 60);
        _done = await StartAsync(ledger, 50);
        await FinishAsync("succeeded", _done, 40, tx => ledger.SettleAsync(tx, _account, KeyMode.Test, _done, 50, 40));
        var failed = await StartAsync(ledger, 30);
        await FinishAsync("failed", failed, null, tx => ledger.ReleaseAsync(tx, _account, KeyMode.Test, failed, 30));
        await Db.Database.InTransactionAsync(tx => ledger.RefundAsync(tx, _account, KeyMode.Test, _done, 15, "test"));
        await Db.Database.InTransactionAsync(tx => ledger.SuspendAsync(tx, _account, KeyMode.Test, failed, 30, "test"));
        await Db.ExecuteAsync("insert into key_usage (key_id, in_flight, next_allowed_us) values ('key_1', 1, 0)");
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
    public async Task A_sound_ledger_passes_every_law()
    {
        var report = await LedgerAudit.RunAsync(Db.Database, _time);

        Assert.True(report.Ok, report.ToText());
        Assert.Equal(Enumerable.Range(1, 15).Select(i => $"L{i}"), report.Laws.Select(law => law.Law));
    }

    [Fact]
    public async Task L1_notices_a_transfer_between_the_wrong_buckets() =>
        await ExpectAsync("L1", $"{InsertTransfer} (@account, 'txn_x', 0, 'grant', 'available', 'issued', 5, null, 0)");

    [Fact]
    public async Task L2_and_L3_notice_credits_from_nowhere()
    {
        await ExpectAsync("L2", "update balances set available = available + 5");
        await ExpectAsync("L3", "update balances set held = held + 1");
    }

    [Fact]
    public async Task L3_notices_a_missing_balance() => await ExpectAsync("L3", "delete from balances");

    [Fact]
    public async Task L4_notices_a_negative_balance()
    {
        await Db.ExecuteAsync(Dialect == SqlDialect.Sqlite ? "pragma ignore_check_constraints = on" : "alter table balances drop constraint balances_available_check");
        await ExpectAsync("L4", "update balances set available = -1");
    }

    [Fact]
    public async Task L5_notices_a_second_settle() =>
        await ExpectAsync("L5", $"{InsertTransfer} (@account, 'txn_x', 0, 'settle', 'held', 'revenue', 1, @done, 0)");

    [Fact]
    public async Task L6_notices_an_open_hold_of_a_finished_task() =>
        await ExpectAsync("L6", "update generations set status = 'canceled', step = null, next_run_at = null, finished_at = 1 where id = @open");

    [Fact]
    public async Task L6_notices_another_charge_than_was_settled() =>
        await ExpectAsync("L6", "update generations set charged = 39 where id = @done");

    [Fact]
    public async Task L7_notices_an_overdue_task_without_an_attempt()
    {
        await ExpectAsync("L7", "update generations set deadline_at = 1 where id = @open");
        await Db.ExecuteAsync(
            """
            insert into attempts (id, account_id, generation_id, number, provider, provider_model, state, fence, request_hash, owner, created_at, updated_at)
            values ('att_1', @account, @open, 1, 'p', 'm', 'unknown', 1, '', '', 0, 0)
            """,
            new { account = _account, open = _open });
        Assert.True((await LedgerAudit.RunAsync(Db.Database, _time)).Ok);
    }

    [Fact]
    public async Task L8_notices_a_missing_trigger() =>
        await ExpectAsync("L8", Dialect == SqlDialect.Sqlite
            ? "drop trigger ledger_transfers_no_delete"
            : "alter table ledger_transfers disable trigger ledger_transfers_append_only");

    [Fact]
    public async Task L9_notices_a_hold_of_another_amount_than_the_quote() =>
        await ExpectAsync("L9", "update generations set quoted = 61 where id = @open");

    [Fact]
    public async Task L10_notices_a_hold_without_a_task() =>
        await ExpectAsync("L10", $"{InsertTransfer} (@account, 'txn_x', 0, 'hold', 'available', 'held', 1, 'task_gone', 0)");

    [Fact]
    public async Task L10_notices_a_hold_in_the_other_mode() =>
        await ExpectAsync("L10", "update generations set mode = 1 where id = @open");

    [Fact]
    public async Task L11_notices_a_drifted_counter()
    {
        await ExpectAsync("L11", "update key_usage set in_flight = 2");
        await ExpectAsync("L11", "delete from key_usage");
    }

    [Fact]
    public async Task L12_notices_a_refund_beyond_the_charge() =>
        await ExpectAsync("L12", $"{InsertTransfer} (@account, 'txn_x', 0, 'refund', 'revenue', 'available', 26, @done, 0)");

    [Fact]
    public async Task L13_notices_a_batch_that_miscounts_or_misses_a_task()
    {
        await Db.ExecuteAsync("insert into batches (account_id, id, mode, key_id, total, open, created_at) values (@account, 'batch_1', 0, 'key_1', 2, 1, 0)", new { account = _account });
        await Db.ExecuteAsync("update generations set batch_id = 'batch_1', batch_index = 0 where id in (@open, @done)", new { open = _open, done = _done });
        Assert.True((await LedgerAudit.RunAsync(Db.Database, _time)).Ok);

        await ExpectAsync("L13", "update batches set open = 2");
        await ExpectAsync("L13", "update batches set open = 1, total = 3");
    }

    private async Task ExpectAsync(string law, string corruption)
    {
        await Db.ExecuteAsync(corruption, new { account = _account, open = _open, done = _done });

        var report = await LedgerAudit.RunAsync(Db.Database, _time);

        Assert.False(report.Ok);
        Assert.NotEmpty(report.Laws.Single(result => result.Law == law).Violations);
        Assert.Contains($"BROKEN {law}", report.ToText(), StringComparison.Ordinal);
    }

    private async Task<string> StartAsync(CreditLedger ledger, long quoted)
    {
        var task = Ids.New(Ids.Generation, _time);
        await Db.Database.InTransactionAsync(async tx =>
        {
            await ledger.HoldAsync(tx, _account, KeyMode.Test, task, quoted);
            await tx.ExecuteAsync(
                """
                insert into generations (account_id, id, mode, key_id, status, version, model, media, prompt, parameters, output,
                    route, provider, attempts, retries, quoted, cancel_requested, created_at, next_run_at)
                values (@account, @task, 0, 'key_1', 'queued', 1, 'm', 'image', '', '{}', '{}', 0, 'sandbox', 0, 0, @quoted, 0, @now, 0)
                """,
                new { account = _account, task, quoted, now = _time.GetUtcNow().ToUnixTimeMilliseconds() });
        });
        return task;
    }

    private Task FinishAsync(string status, string task, long? charged, Func<Tx, Task<Resolution>> resolve) => Db.Database.InTransactionAsync(async tx =>
    {
        Assert.Equal(Resolution.Done, await resolve(tx));
        await tx.ExecuteAsync(
            """
            update generations set status = @status, charged = @charged, finished_at = 1, next_run_at = null,
                error_code = case when @status = 'failed' then 'TIMED_OUT' end, result = case when @status = 'succeeded' then '{}' end
            where id = @task
            """,
            new { status, task, charged });
    });
}

public sealed class SqliteLedgerAuditTests : LedgerAuditConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresLedgerAuditTests : LedgerAuditConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
