using System.Globalization;
using Zoetrope.Server;
using Zoetrope.Server.Ledger;

namespace Zoetrope.Tests.Fixtures.Simulation;

/// <summary>Something that must never be was seen.</summary>
internal sealed class SimFailure(string message) : Exception(message);

/// <summary>What must hold whatever happens: looked at after every commit, at every paid request, and when all has ended.</summary>
internal sealed class SimChecks(SimWorld world, SimRows rows)
{
    private const string GenerationsSql =
        "select id, account_id, status, step, version, attempt_id, provider, quoted, charged, next_run_at from generations";

    private const string BalancesSql = "select account_id, available, held from balances";
    private const string KeysSql = "select key_id, in_flight from key_usage";

    private readonly Dictionary<string, Row> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SimJob> _bought = new(StringComparer.Ordinal);
    private readonly List<Row> _claimed = [];
    private long _seen = -1;

    public bool AllEnded => _rows.Values.All(static row => row.IsEnded);

    /// <summary>A name that is the same in every run of the seed.</summary>
    public string NameOf(string id)
    {
        if (!_names.TryGetValue(id, out var name))
        {
            _names[id] = name = string.Create(CultureInfo.InvariantCulture, $"{(id.StartsWith(Ids.Attempt, StringComparison.Ordinal) ? "attempt" : "task")}{_names.Count + 1}");
        }

        return name;
    }

    /// <summary>The first thing that must not be; kept here, because the product may catch what is thrown inside it.</summary>
    public SimFailure? First { get; private set; }

    public SimFailure Fail(string what)
    {
        var failure = new SimFailure(string.Create(CultureInfo.InvariantCulture, $"after {world.Loop.Elapsed.TotalSeconds:0.000} s: {what}"));
        First ??= failure;
        return failure;
    }

    public void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw Fail(what);
        }
    }

    /// <summary>Providers where something waits that a scheduler would find.</summary>
    public IEnumerable<string> ProvidersWithWork()
    {
        var now = world.Loop.Now.ToUnixTimeMilliseconds() - 1_000;
        var waiting = _rows.Values.Where(row => row.NextRunAt <= now).ToList();
        return waiting.Count == 0
            ? []
            : waiting.Where(row => row.Status == "running" || _rows.Values.Count(other => other.Status == "running" && other.Provider == row.Provider) < SimLab.Places)
                .Select(static row => row.Provider).Distinct().Order(StringComparer.Ordinal).ToList();
    }

    /// <summary>A vendor begins a job: its intent was written before, and nothing else is or was paid for the same task.</summary>
    public void Paid(SimJob job)
    {
        var (generation, state) = rows.Read(session => new ValueTask<(string?, string?)>(session.FirstOrDefaultAsync<(string?, string?)>(
            "select generation_id, state from attempts where id = @AttemptId", job)));
        world.Note($"{job.Id} begins for {NameOf(job.AttemptId)}");
        if (generation is null)
        {
            throw Fail($"{job.Id} was paid for without an intent in the books");
        }

        Require(state is not "refused", $"{job.Id} was paid for after its absence was taken for proven");
        Require(_bought.TryAdd(generation, job), $"{NameOf(generation)} was paid for twice");
    }

    /// <summary>The rows after a commit.</summary>
    public void AfterCommit(SimNode node)
    {
        if (rows.Written == _seen)
        {
            return;
        }

        _seen = rows.Written;
        _claimed.Clear();
        var held = new Dictionary<string, long>(StringComparer.Ordinal);
        var open = new Dictionary<string, long>(StringComparer.Ordinal);
        var running = new Dictionary<string, int>(StringComparer.Ordinal);
        var all = rows.Tx.Statement(GenerationsSql);
        while (all.Step())
        {
            var row = new Row(
                all.Text(0), all.Text(1), all.Text(2), all.IsNull(3) ? null : all.Text(3), all.Int64(4), all.IsNull(5) ? null : all.Text(5), all.Text(6), all.Int64(7), all.OptionalInt64(8), all.OptionalInt64(9));
            Moved(node, row);
            if (!row.IsEnded)
            {
                held[row.Account] = held.GetValueOrDefault(row.Account) + row.Quoted;
                open[row.Account] = open.GetValueOrDefault(row.Account) + 1;
                running[row.Provider] = running.GetValueOrDefault(row.Provider) + (row.Status == "running" ? 1 : 0);
            }
        }

        all.Reset();
        foreach (var (provider, count) in running)
        {
            Require(count <= SimLab.Places, $"{count} tasks run at {provider}, which has {SimLab.Places} places");
        }

        var balances = rows.Tx.Statement(BalancesSql);
        while (balances.Step())
        {
            var (account, available, reserved) = (balances.Text(0), balances.Int64(1), balances.Int64(2));
            Require(available >= 0, $"{account} has {available} credits");
            Require(reserved == held.GetValueOrDefault(account), $"{account} has {reserved} credits held, and its open tasks hold {held.GetValueOrDefault(account)}");
        }

        balances.Reset();
        var keys = rows.Tx.Statement(KeysSql);
        while (keys.Step())
        {
            var (account, count) = (keys.Text(0).Replace("key", "acct", StringComparison.Ordinal), keys.Int64(1));
            Require(count == open.GetValueOrDefault(account), $"{account} has {open.GetValueOrDefault(account)} open tasks and {count} are counted");
            Require(count <= SimCustomers.InFlight, $"{account} has {count} open tasks and may have {SimCustomers.InFlight}");
        }

        keys.Reset();
        Shares();
    }

    /// <summary>All has ended: the ledger's own audit, one task for each answered request, and no vendor's bill without a trace.</summary>
    public void AtTheEnd()
    {
        var violations = rows.Read(session => LedgerAudit.CheckAsync(session, world.Loop.Now));
        Require(violations.Count == 0, $"the audit found: {string.Join("; ", violations.Select(one => $"{one.Law} {one.Subject} {one.Detail}"))}");
        var keys = rows.Read(session => new ValueTask<long>(session.ScalarAsync<long>("select count(*) from idempotency_keys")));
        Require(keys == _rows.Count, $"{_rows.Count} tasks were made for {keys} requests");
        foreach (var (request, task) in world.Customers.Answers)
        {
            Require(_rows.ContainsKey(task), $"{request} was answered and its task is not there");
        }

        foreach (var (generation, job) in _bought)
        {
            Accounted(_rows[generation], job);
        }

        world.Note($"the end");
    }

    private void Accounted(Row row, SimJob job)
    {
        var (state, suspended) = rows.Read(session => new ValueTask<(string, long)>(session.FirstOrDefaultAsync<(string, long)>(
            "select state, (select count(*) from ledger_transfers t where t.generation_id = a.generation_id and t.kind = 'suspend') from attempts a where id = @AttemptId", job)));
        var isBilled = !job.IsStopped && (job.Failure is null || job.Failure.Charged);
        if (row.Status == "succeeded")
        {
            Require(row.Attempt == job.AttemptId && state == "ended", $"{NameOf(row.Id)} succeeded, and the attempt of {job.Id} is {state}");
        }
        else if (isBilled)
        {
            Require(state == "ended" || (state == "unresolved" && suspended == 1), $"{job.Id} is billed; its attempt is {state}, and {suspended} suspensions are booked");
        }
    }

    private void Moved(SimNode node, Row row)
    {
        if (!_rows.TryGetValue(row.Id, out var before))
        {
            world.Note($"{node.Name}: {NameOf(row.Id)} of {row.Account} is {row.Status} at {row.Provider} for {row.Quoted}");
        }
        else if (row.Version == before.Version)
        {
            Require(row with { NextRunAt = before.NextRunAt } == before, $"{NameOf(row.Id)} changed without a new version");
        }
        else
        {
            Require(!before.IsEnded, $"{NameOf(row.Id)} was {before.Status} and became {row.Status}");
            Require(row.Version == before.Version + 1, $"{NameOf(row.Id)} went from version {before.Version} to {row.Version}: somebody moved a row that they had not seen");
            Require(row.Status == "succeeded" || row.Charged is null or 0, $"{NameOf(row.Id)} is {row.Status} and charged {row.Charged}");
            world.Note($"{node.Name}: {NameOf(row.Id)} is {row.Status} {row.Step} {(row.Attempt is null ? "" : NameOf(row.Attempt))} version {row.Version} at {row.Provider}");
            if (before.Status == "queued" && row.Status == "running")
            {
                _claimed.Add(row);
            }
        }

        _rows[row.Id] = row;
    }

    // Who was served runs no more than one above whoever still waited there with something due.
    private void Shares()
    {
        foreach (var claimed in _claimed)
        {
            var running = _rows.Values.Where(row => row.Status == "running" && row.Provider == claimed.Provider).ToLookup(static row => row.Account);
            var due = world.Loop.Now.ToUnixTimeMilliseconds();
            foreach (var waiting in _rows.Values.Where(row => row.Status == "queued" && row.Provider == claimed.Provider && row.NextRunAt <= due))
            {
                Require(
                    running[claimed.Account].Count() - 1 <= running[waiting.Account].Count(),
                    $"{claimed.Account} was served at {claimed.Provider} before {waiting.Account}, which runs less there");
            }
        }
    }

    /// <summary>What a row of <c>generations</c> says.</summary>
    private sealed record Row(
        string Id, string Account, string Status, string? Step, long Version, string? Attempt, string Provider, long Quoted, long? Charged, long? NextRunAt)
    {
        public bool IsEnded => Status is "succeeded" or "failed" or "canceled";
    }
}
