using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Zoetrope.Server;
using Zoetrope.Server.Events;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;
using Zoetrope.Server.Usage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Usage;

/// <summary>An account's tasks as they were ordered, ended and refunded, written by the real ledger and event log from a seed.</summary>
internal sealed class UsageHistory(TestDatabase database, FakeTimeProvider time, int seed)
{
    private static readonly string[] Models = ["model-a", "model-b", "model-c"];
    private static readonly string[] Users = ["", "alice", "bob", "Ä, \"quoted\""];

    private readonly Random _random = new(seed);
    private readonly CreditLedger _ledger = new(time);
    private readonly List<(string Account, string Id, long Quoted, KeyMode Mode)> _open = [];
    private readonly List<(string Account, string Id, KeyMode Mode)> _charged = [];

    public string[] Accounts { get; } = ["acct_a", "acct_b", "acct_c"];

    public async Task BeginAsync()
    {
        foreach (var account in Accounts)
        {
            await database.ExecuteAsync("insert into accounts (id, name, plan, created_at) values (@account, 'x', 'enterprise', 0)", new { account });
            foreach (var mode in (KeyMode[])[KeyMode.Test, KeyMode.Live])
            {
                await database.Database.InTransactionAsync(tx => _ledger.GrantAsync(tx, account, mode, 1_000_000_000, "x"));
            }
        }
    }

    /// <summary>So many tasks begin, end or are refunded, in transactions of some each; the clock goes on.</summary>
    public async Task GoOnAsync(int tasks, int each = 25)
    {
        for (var done = 0; done < tasks; done += each)
        {
            await database.Database.InTransactionAsync(async tx =>
            {
                var ended = new List<NewEvent>();
                for (var i = 0; i < each; i++)
                {
                    await BeginAsync(tx);
                    await EndAsync(tx, ended, _random.Next(3));
                }

                await EventLog.AppendManyAsync(tx, ended);
            });
            await RefundAsync();
            time.Advance(TimeSpan.FromMinutes(_random.Next(_random.Next(10) == 0 ? 600 : 30)));
        }
    }

    /// <summary>By account, mode and hour: what was charged less what was refunded, once as the ledger and once as usage has it.</summary>
    public async Task<(List<(string, long, long, long)> Ledger, List<(string, long, long, long)> Usage, List<(string, long, long, long)> Tagged)> SumsAsync() => (
        await database.QueryAsync<(string, long, long, long)>(
            """
            select account_id, mode, created_at / 3600000 as hour, cast(sum(case when kind = 'settle' then amount else -amount end) as bigint)
            from ledger_transfers where kind in ('settle', 'refund') group by account_id, mode, created_at / 3600000 order by 1, 2, 3
            """),
        await database.QueryAsync<(string, long, long, long)>(
            """
            select account_id, mode, hour, cast(sum(charged - refunded) as bigint) from usage_hours
            group by account_id, mode, hour having sum(charged) > 0 or sum(refunded) > 0 order by 1, 2, 3
            """),
        await database.QueryAsync<(string, long, long, long)>(
            """
            select account_id, mode, hour, cast(sum(charged - refunded) as bigint) from usage_tag_hours where name = 'all'
            group by account_id, mode, hour having sum(charged) > 0 or sum(refunded) > 0 order by 1, 2, 3
            """));

    /// <summary>Every row of usage as a line.</summary>
    public async Task<List<string>> RowsAsync()
    {
        var lines = new List<string>();
        foreach (var table in (string[])["usage_hours", "usage_days", "usage_tag_hours"])
        {
            lines.AddRange(await database.Database.ReadAsync(async session => await session.RowsAsync($"select * from {table}", new { }, static row =>
                string.Join('|', Enumerable.Range(0, row.FieldCount).Select(index => Convert.ToString(row.GetValue(index), CultureInfo.InvariantCulture))))));
        }

        return [.. lines.Order(StringComparer.Ordinal)];
    }

    public async Task CountAsync(UsageBooks books)
    {
        foreach (var account in Accounts)
        {
            for (var more = true; more;)
            {
                more = await books.CountAsync(account);
            }
        }
    }

    private async Task BeginAsync(Tx tx)
    {
        var (account, mode) = (Accounts[_random.Next(Accounts.Length)], (KeyMode)_random.Next(2));
        var (id, quoted, user) = (Ids.New(Ids.Generation, time.GetUtcNow().ToUnixTimeMilliseconds()), (long)_random.Next(1, 500), Users[_random.Next(Users.Length)]);
        var tags = _random.Next(3) == 0 ? """{"all":"yes"}""" : $$"""{"all":"yes","team":"{{_random.Next(4)}}"}""";
        await tx.ExecuteAsync(
            """
            insert into generations (account_id, id, mode, key_id, status, version, model, media, prompt, parameters, output, route, provider,
                attempts, retries, quoted, cancel_requested, created_at, next_run_at, end_user, person_id, tags)
            values (@account, @id, @mode, @key, 'queued', 1, @model, 'image', '', '{}', '{}', 0, @provider, 0, 0, @quoted, 0, 0, 0, @user, @person, @tags)
            """,
            new
            {
                account, id, mode = (long)mode, key = $"key_{_random.Next(3)}", model = Models[_random.Next(Models.Length)], provider = $"provider {_random.Next(2)}", quoted,
                user = user.Length == 0 ? null : user, person = _random.Next(2) == 0 ? null : "person", tags,
            });
        Assert.Null((await _ledger.HoldAsync(tx, account, mode, id, quoted)).Problem);
        _open.Add((account, id, quoted, mode));
    }

    private async Task EndAsync(Tx tx, List<NewEvent> events, int count)
    {
        for (; count > 0 && _open.Count > 0; count--)
        {
            var index = _random.Next(_open.Count);
            var (account, id, quoted, mode) = _open[index];
            _open.RemoveAt(index);
            var now = time.GetUtcNow();
            var outcome = _random.Next(5);
            var charged = outcome < 3 ? _random.NextInt64(1, quoted + 1) : 0;
            await _ledger.SettleAsync(tx, account, mode, id, quoted, charged);
            var (status, code, type) = outcome < 3 ? ("succeeded", null, EventTypes.Completed) : outcome == 3 ? ("failed", "TIMED_OUT", EventTypes.Failed) : ("canceled", (string?)null, EventTypes.Cancelled);
            await tx.ExecuteAsync(
                "update generations set status = @status, error_code = @code, charged = @charged, finished_at = 0, next_run_at = null, result = @result where account_id = @account and id = @id",
                new { status, code, charged, account, id, result = outcome < 3 ? "[]" : null });
            events.Add(new NewEvent(account, id, type, now));
            if (charged > 0)
            {
                _charged.Add((account, id, mode));
            }
        }
    }

    private async Task RefundAsync()
    {
        if (_charged.Count == 0 || _random.Next(3) == 0)
        {
            return;
        }

        var (account, id, mode) = _charged[_random.Next(_charged.Count)];
        await database.Database.InTransactionAsync(async tx =>
        {
            var amount = _random.Next(2) == 0 ? (long?)1 : null;
            if ((await _ledger.RefundAsync(tx, account, mode, id, amount, "x")).Failed(out _, out var booking))
            {
                return;
            }

            var payload = JsonSerializer.Serialize(new { id = booking.TransferId });
            await EventLog.AppendAsync(tx, account, mode, "", EventTypes.CreditsRefunded, payload, time.GetUtcNow());
        });
    }
}
