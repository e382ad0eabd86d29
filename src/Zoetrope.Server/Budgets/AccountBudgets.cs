using Zoetrope.Server.Accounts;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Budgets;

/// <summary>What may be changed of a budget; null leaves it.</summary>
internal sealed record BudgetChange
{
    public string? Name { get; init; }

    public long? Limit { get; init; }

    public bool EndsRaise { get; init; }

    public (long To, DateTimeOffset Until)? Raise { get; init; }
}

/// <summary>The budgets of accounts: one transaction each, under the lock under which tasks are counted.</summary>
internal sealed class AccountBudgets(Database database, TimeProvider time)
{
    /// <summary>Every submit of the account is held against all of them.</summary>
    public const int Most = 100;

    public static Problem NotFound(string id) =>
        Problems.BudgetNotFound.With("No budget with this id exists in this account and mode.", given: ShortText.Of(id));

    public ValueTask<List<BudgetLine>> ListAsync(string account, KeyMode mode) =>
        database.ReadAsync(async session => await BudgetStore.LinesAsync(session, account, mode, time.GetUtcNow()));

    public async ValueTask<Outcome<BudgetLine>> FindAsync(string account, KeyMode mode, string id) =>
        (await ListAsync(account, mode)).Find(line => line.Budget.Id == id) is { } found ? found : NotFound(id);

    public Task<Outcome<BudgetLine>> CreateAsync(Actor by, Budget wanted) => database.InTransactionAsync<Outcome<BudgetLine>>(async tx =>
    {
        await BudgetStore.LockAsync(tx, wanted.AccountId, wanted.Mode);
        var now = time.GetUtcNow();
        if ((await BudgetStore.LinesAsync(tx, wanted.AccountId, wanted.Mode, now)).Count >= Most)
        {
            return Problems.InvalidOperation.With($"An account has at most {Most} budgets in a mode. Delete one.");
        }

        var subject = wanted.Subject;
        if (wanted.Scope == BudgetScopes.Key)
        {
            // A rotated key and its successors spend together.
            if (await ApiKeyStore.FindAsync(tx, wanted.AccountId, subject) is null)
            {
                return Problems.KeyNotFound.With("No API key with this id exists in this account.", "subject", ShortText.Of(subject));
            }

            subject = await tx.ScalarAsync<string>("select coalesce(spends_with, id) from api_keys where id = @subject", new { subject });
        }

        var at = now.ToUnixTimeMilliseconds();
        var budget = wanted with { Id = Ids.New(Ids.Budget, at), Subject = subject!, CreatedAt = at };
        await BudgetStore.InsertAsync(tx, budget);
        await AuditLog.AppendAsync(
            tx, by, new AuditEntry(budget.AccountId, "budget.created", budget.Id) { After = budget.Facts }, now);
        return new BudgetLine(budget, BudgetPeriods.Start(budget.Period, now), held: 0, used: 0, warned: 0);
    });

    public Task<Outcome<BudgetLine>> ChangeAsync(Actor by, string account, KeyMode mode, string id, BudgetChange change) => WithAsync(
        account, mode, id, async (tx, line) =>
    {
        var budget = line.Budget with { Name = change.Name ?? line.Budget.Name, Limit = change.Limit ?? line.Budget.Limit };
        budget = change.Raise is var (to, until) && change.Raise is not null
            ? budget with { RaisedTo = to, RaisedUntil = until.ToUnixTimeMilliseconds() }
            : change.EndsRaise ? budget with { RaisedTo = null, RaisedUntil = null } : budget;
        if (budget.RaisedTo <= budget.Limit)
        {
            return Problems.InvalidParameter.With(
                "A raise must be above the limit.", "raise.limit", $"{budget.RaisedTo}", $"more than {budget.Limit}");
        }

        await BudgetStore.ChangeAsync(tx, budget);
        await AuditLog.AppendAsync(
            tx,
            by,
            new AuditEntry(account, "budget.changed", id) { Before = line.Budget.Facts, After = budget.Facts },
            time.GetUtcNow());
        return new BudgetLine(budget, line.StartsAt, line.Held, line.Used, line.Warned);
    });

    /// <summary>The budget as it was at its end.</summary>
    public Task<Outcome<BudgetLine>> DeleteAsync(Actor by, string account, KeyMode mode, string id) => WithAsync(
        account, mode, id, async (tx, line) =>
    {
        await BudgetStore.DeleteAsync(tx, line.Budget);
        await AuditLog.AppendAsync(
            tx, by, new AuditEntry(account, "budget.deleted", id) { Before = line.Budget.Facts }, time.GetUtcNow());
        return line;
    });

    private Task<Outcome<BudgetLine>> WithAsync(
        string account,
        KeyMode mode,
        string id,
        Func<Tx, BudgetLine, Task<Outcome<BudgetLine>>> work) => database.InTransactionAsync(async tx =>
    {
        await BudgetStore.LockAsync(tx, account, mode);
        var lines = await BudgetStore.LinesAsync(tx, account, mode, time.GetUtcNow());
        return lines.Find(line => line.Budget.Id == id) is { } found ? await work(tx, found) : NotFound(id);
    });
}
