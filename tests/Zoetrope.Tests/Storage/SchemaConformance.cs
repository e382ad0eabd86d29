using System.Data.Common;
using Zoetrope.Server;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Storage;

/// <summary>Rows that must be impossible are refused by the schema itself, whatever a store tries.</summary>
public abstract class SchemaConformance : IAsyncLifetime
{
    private static readonly Dictionary<string, string> Queued = new()
    {
        ["account_id"] = "'acct_1'", ["id"] = "'task_1'", ["mode"] = "0", ["key_id"] = "'key_1'",
        ["status"] = "'queued'", ["step"] = "null", ["version"] = "1", ["model"] = "'m'", ["media"] = "'image'",
        ["prompt"] = "'p'", ["parameters"] = "'{}'", ["inputs"] = "null", ["output"] = "'{}'", ["route"] = "0",
        ["provider"] = "'sandbox'", ["attempts"] = "0", ["attempt_id"] = "null", ["provider_task_id"] = "null",
        ["retries"] = "0", ["quoted"] = "5", ["charged"] = "null", ["progress"] = "null", ["queue_position"] = "null",
        ["cancel_requested"] = "0", ["created_at"] = "1", ["started_at"] = "null", ["finished_at"] = "null",
        ["deadline_at"] = "null", ["next_run_at"] = "1", ["error_code"] = "null", ["error_message"] = "null",
        ["provider_error"] = "null", ["result"] = "null",
    };

    private const string Running = "status='running' step='submit'";
    private const string Succeeded = "status='succeeded' finished_at=2 next_run_at=null result='{}'";
    private const string Failed = "status='failed' finished_at=2 next_run_at=null error_code='TIMED_OUT'";
    private const string Canceled = "status='canceled' finished_at=2 next_run_at=null";

    private TestDatabase _db = null!;

    public static TheoryData<string> PossibleGenerations { get; } =
    [
        "",
        Running,
        "status='running' step='poll' progress=100",
        "status='running' step='ingest' progress=0",
        Succeeded + " charged=5",
        Succeeded + " charged=0",
        Failed,
        Canceled,
    ];

    public static TheoryData<string> ImpossibleGenerations { get; } =
    [
        "status='done'",
        "step='submit'",
        "next_run_at=null",
        "finished_at=2",
        "error_code='TIMED_OUT'",
        "result='{}'",
        "status='running'",
        "status='running' step='upload'",
        Running + " next_run_at=null",
        Running + " finished_at=2",
        Running + " result='{}'",
        Succeeded + " result=null",
        Succeeded + " finished_at=null",
        Succeeded + " next_run_at=9",
        Succeeded + " step='ingest'",
        Succeeded + " error_code='TIMED_OUT'",
        Succeeded + " charged=6",
        Succeeded + " charged=-1",
        Failed + " error_code=null",
        Failed + " result='{}'",
        Failed + " next_run_at=9",
        Failed + " step='poll'",
        Canceled + " error_code='CANCELLED'",
        Canceled + " next_run_at=9",
        "quoted=0",
        "quoted=-5",
        "progress=101",
        "progress=-1",
        "mode=2",
        "media='music'",
        "account_id=null",
        "id=null",
        "prompt=null",
    ];

    public static TheoryData<string> ImpossibleTransfers { get; } =
    [
        "0, 'grant', 'issued', 'available', 0, null",
        "0, 'grant', 'issued', 'available', -5, null",
        "0, 'grant', 'available', 'available', 5, null",
        "0, 'gift', 'issued', 'available', 5, null",
        "0, 'grant', 'pocket', 'available', 5, null",
        "0, 'grant', 'issued', 'pocket', 5, null",
        "3, 'grant', 'issued', 'available', 5, null",
    ];

    private protected abstract SqlDialect Dialect { get; }

    public async ValueTask InitializeAsync() => _db = await TestDatabase.CreateAsync(Dialect);

    public async ValueTask DisposeAsync()
    {
        if (_db is not null)
        {
            await _db.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Theory]
    [MemberData(nameof(PossibleGenerations))]
    public async Task A_generation_row_that_the_state_machine_makes_is_accepted(string changes)
    {
        await InsertGenerationAsync(changes);

        Assert.Equal(1, await _db.ScalarAsync<long>("select count(*) from generations"));
    }

    [Theory]
    [MemberData(nameof(ImpossibleGenerations))]
    public async Task A_generation_row_that_no_life_can_reach_is_refused(string changes)
    {
        await Assert.ThrowsAnyAsync<DbException>(() => InsertGenerationAsync(changes));

        Assert.Equal(0, await _db.ScalarAsync<long>("select count(*) from generations"));
    }

    [Theory]
    [MemberData(nameof(ImpossibleTransfers))]
    public async Task A_transfer_that_is_not_one_is_refused(string values)
    {
        await TransferAsync("txn_ok", "0, 'grant', 'issued', 'available', 5, null");

        await Assert.ThrowsAnyAsync<DbException>(() => TransferAsync("txn_bad", values));

        Assert.Equal(1, await _db.ScalarAsync<long>("select count(*) from ledger_transfers"));
    }

    [Theory]
    [InlineData("update ledger_transfers set amount = 6")]
    [InlineData("update ledger_transfers set reason = 'a better story'")]
    [InlineData("delete from ledger_transfers")]
    [InlineData("delete from ledger_transfers where id = 'txn_1'")]
    public async Task The_ledger_only_grows(string change)
    {
        await TransferAsync("txn_1", "0, 'grant', 'issued', 'available', 5, null");

        var refusal = await Assert.ThrowsAnyAsync<DbException>(() => _db.ExecuteAsync(change));

        Assert.Contains("append-only", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(5, await _db.ScalarAsync<long>("select amount from ledger_transfers where id = 'txn_1' and reason is null"));
    }

    [Fact]
    public async Task A_hold_is_resolved_once()
    {
        await TransferAsync("txn_1", "0, 'hold', 'available', 'held', 5, null");
        await TransferAsync("txn_2", "0, 'settle', 'held', 'revenue', 5, 'task_1'");

        await Assert.ThrowsAnyAsync<DbException>(() => TransferAsync("txn_3", "0, 'release', 'held', 'available', 5, 'task_1'"));

        Assert.Equal(["txn_1", "txn_2"], await _db.QueryAsync<string>("select id from ledger_transfers order by id"));
    }

    [Fact]
    public async Task A_balance_cannot_go_below_zero()
    {
        await _db.ExecuteAsync("insert into balances (account_id, mode, available, held) values ('acct_1', 0, 5, 5)");

        await Assert.ThrowsAnyAsync<DbException>(() => _db.ExecuteAsync("update balances set available = available - 6"));
        await Assert.ThrowsAnyAsync<DbException>(() => _db.ExecuteAsync("update balances set held = held - 6"));

        Assert.Equal(10, await _db.ScalarAsync<long>("select available + held from balances"));
    }

    [Fact]
    public async Task Every_transfer_is_two_entries_that_sum_to_zero()
    {
        await TransferAsync("txn_1", "0, 'grant', 'issued', 'available', 7, null");
        await TransferAsync("txn_2", "0, 'hold', 'available', 'held', 3, null");

        Assert.Equal(4, await _db.ScalarAsync<long>("select count(*) from ledger_entries"));
        Assert.Empty(await _db.QueryAsync<string>("select transfer_id from ledger_entries group by transfer_id having sum(amount) <> 0"));
        Assert.Equal(4, await _db.ScalarAsync<long>("select sum(amount) from ledger_entries where bucket = 'available'"));
    }

    [Fact]
    public async Task Ids_sort_in_the_database_as_they_were_created()
    {
        // Across many milliseconds, so that every digit of the time changes, and many within one.
        var created = Enumerable.Range(0, 400)
            .Select(i => Ids.New(Ids.Account, 1_700_000_000_000 + (i / 4 * 7_919_191L)))
            .ToList();
        foreach (var id in created.OrderBy(id => id[^4..], StringComparer.Ordinal))
        {
            await _db.ExecuteAsync("insert into accounts (id, name, plan, created_at) values (@id, '', 'pro', 0)", new { id });
        }

        Assert.Equal(created, await _db.QueryAsync<string>("select id from accounts order by id"));
    }

    private Task InsertGenerationAsync(string changes)
    {
        var row = new Dictionary<string, string>(Queued);
        foreach (var change in changes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var (column, value) = (change[..change.IndexOf('=', StringComparison.Ordinal)], change[(change.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            Assert.True(row.ContainsKey(column), $"There is no column {column}.");
            row[column] = value;
        }

        return _db.ExecuteAsync($"insert into generations ({string.Join(", ", row.Keys)}) values ({string.Join(", ", row.Values)})");
    }

    private Task TransferAsync(string id, string values) => _db.ExecuteAsync(
        $"insert into ledger_transfers (account_id, id, mode, kind, debit, credit, amount, resolves, created_at) values ('acct_1', '{id}', {values}, 1)");
}

public sealed class SqliteSchemaTests : SchemaConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresSchemaTests : SchemaConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
