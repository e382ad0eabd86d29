using System.Text.Json;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Budgets;
using Zoetrope.Server.Events;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Operator;

/// <summary>A booking and the balance after it.</summary>
internal sealed record Booked(Booking Booking, KeyMode Mode, Balance Balance);

/// <summary>
/// What an operator does to accounts, keys and credits: one transaction each, the same for the command line and the Admin
/// door.
/// </summary>
internal sealed class AccountOperations(Database database, TimeProvider time)
{
    private readonly AccountStore _accounts = new(time);
    private readonly ApiKeyStore _keys = new(time);
    private readonly CreditLedger _ledger = new(time);

    public async Task<Outcome<Account>> CreateAccountAsync(Actor by, string name, string plan) => Plans.Find(plan) is not { } found
        ? Plans.Unknown(plan)
        : await database.InTransactionAsync(async tx =>
        {
            var account = await _accounts.CreateAsync(tx, name, found);
            await WriteAsync(tx, by, new AuditEntry(account.Id, "account.created", account.Id) { After = new { name, plan } });
            return account;
        });

    public async Task<Outcome<Account>> FindAccountAsync(string accountId) =>
        await database.ReadAsync(async session => await AccountStore.FindAsync(session, accountId)) is { } account
            ? account
            : NoAccount(accountId);

    /// <summary>Oldest first; those whose name has this part, if one is given.</summary>
    public ValueTask<List<Account>> ListAccountsAsync(int limit, string? after = null, string? name = null, string? text = null) =>
        database.ReadAsync(async session => await AccountStore.ListAsync(session, limit, after, name, text));

    public async Task<Outcome<AccountOverview>> OverviewAsync(string accountId)
    {
        var now = time.GetUtcNow();
        return await database.ReadAsync(session => AccountOverview.ReadAsync(session, accountId, now)) is { } overview
            ? overview
            : NoAccount(accountId);
    }

    public async Task<Outcome<Account>> ChangePlanAsync(Actor by, string accountId, string plan)
    {
        if (Plans.Find(plan) is not { } found)
        {
            return Plans.Unknown(plan);
        }

        return await ForAccountAsync<Account>(accountId, async tx =>
        {
            var before = (await AccountStore.FindAsync(tx, accountId))!;
            await AccountStore.ChangePlanAsync(tx, accountId, found);
            await WriteAsync(tx, by, new AuditEntry(accountId, "account.changed", accountId)
            {
                Before = new { plan = before.Plan },
                After = new { plan = found.Name },
            });
            return before with { Plan = found.Name };
        });
    }

    public Task<Outcome<CreatedKey>> CreateKeyAsync(Actor by, NewApiKey wanted) => ForAccountAsync<CreatedKey>(wanted.AccountId, async tx =>
    {
        var created = await _keys.CreateAsync(tx, wanted);
        await WriteAsync(tx, by, new AuditEntry(wanted.AccountId, "key.created", created.Key.Id) { After = created.Key.Facts });
        return created;
    });

    public async Task<Outcome<List<ApiKey>>> ListKeysAsync(string accountId)
    {
        if ((await FindAccountAsync(accountId)).Failed(out var problem))
        {
            return problem;
        }

        return await database.ReadAsync(async session => await ApiKeyStore.ListAsync(session, accountId));
    }

    public Task<Outcome<ApiKey>> RevokeKeyAsync(Actor by, string accountId, string keyId) => ForAccountAsync<ApiKey>(accountId, async tx =>
    {
        if (await ApiKeyStore.FindAsync(tx, accountId, keyId) is not { } key)
        {
            return NoKey(keyId);
        }

        if (key.RevokedAt is not null)
        {
            return key;
        }

        var action = key.Kind == ApiKey.GrantKind ? "grant.ended" : "key.revoked";
        var revoked = (await _keys.RevokeAsync(tx, accountId, keyId))!;
        await WriteAsync(tx, by, new AuditEntry(accountId, action, keyId) { Before = key.Facts });
        return revoked;
    });

    /// <summary>Changes what a program may spend, within the limits of the key that gave it access.</summary>
    public Task<Outcome<ApiKey>> ChangeGrantAsync(
        Actor by, string accountId, string keyId, GrantChange change) => ForAccountAsync<ApiKey>(accountId, async tx =>
    {
        if (await ApiKeyStore.FindAsync(tx, accountId, keyId) is not { RevokedAt: null } grant
            || grant.ExpiresAt <= time.GetUtcNow().ToUnixTimeMilliseconds())
        {
            return NoKey(keyId);
        }

        if (grant.Kind != ApiKey.GrantKind || await ApiKeyStore.FindGranterAsync(tx, grant) is not { } granter)
        {
            return Problems.InvalidOperation.With(
                "Only what a program with OAuth access may spend can be changed. Create another API key and revoke this one.",
                given: keyId);
        }

        if (change.Of(grant.Limits, granter.Limits).Failed(out var problem, out var limits))
        {
            return problem;
        }

        await ApiKeyStore.LimitAsync(tx, keyId, limits);
        await WriteAsync(tx, by, GrantChange.Entry(grant, limits));
        return await ApiKeyStore.FindAsync(tx, accountId, keyId) is { } changed ? changed : NoKey(keyId);
    });

    public Task<Outcome<CreatedKey>> RotateKeyAsync(
        Actor by, string accountId, string keyId, TimeSpan grace) => ForAccountAsync<CreatedKey>(accountId, async tx =>
    {
        if (await _keys.RotateAsync(tx, accountId, keyId, grace) is not { } successor)
        {
            return NoKey(keyId);
        }

        await WriteAsync(tx, by, new AuditEntry(accountId, "key.rotated", keyId)
        {
            After = new { successor = successor.Key.Id, graceSeconds = (long)grace.TotalSeconds },
        });
        return successor;
    });

    /// <summary>Grants credits. A repeated call with the same reference grants nothing more and returns the first booking.</summary>
    public Task<Outcome<Booked>> GrantCreditsAsync(
        Actor by, string accountId, KeyMode mode, long amount, string reason, string? reference = null) =>
        BookAsync(new(by, "credits.granted", accountId, mode, reason, reference), tx => _ledger.GrantAsync(tx, accountId, mode, amount, reason, reference));

    /// <summary>Corrects credits up or down, never below zero.</summary>
    public Task<Outcome<Booked>> AdjustCreditsAsync(
        Actor by, string accountId, KeyMode mode, long amount, string reason, string? reference = null) =>
        BookAsync(new(by, "credits.adjusted", accountId, mode, reason, reference), tx => _ledger.AdjustAsync(tx, accountId, mode, amount, reason, reference));

    /// <summary>Gives back what a generation was charged; without an amount, all that was not refunded yet.</summary>
    public async Task<Outcome<Booked>> RefundAsync(
        Actor by, string accountId, string generationId, long? amount, string reason, string? reference = null)
    {
        if (await FindModeAsync(accountId, generationId) is not { } mode)
        {
            return Problems.TaskNotFound.With("No task with this id exists in this account.", "taskId", generationId);
        }

        return await BookAsync(
            new(by, "credits.refunded", accountId, mode, reason, reference) { TaskId = generationId },
            tx => RefundAsync(tx, accountId, mode, generationId, amount, reason, reference));
    }

    public async Task<Outcome<IReadOnlyList<(KeyMode Mode, Balance Balance)>>> BalancesAsync(string accountId)
    {
        if ((await FindAccountAsync(accountId)).Failed(out var problem))
        {
            return problem;
        }

        return await database.ReadAsync(async session => (Outcome<IReadOnlyList<(KeyMode, Balance)>>)new (KeyMode, Balance)[]
        {
            (KeyMode.Test, await CreditLedger.BalanceAsync(session, accountId, KeyMode.Test)),
            (KeyMode.Live, await CreditLedger.BalanceAsync(session, accountId, KeyMode.Live)),
        });
    }

    public Task<AuditReport> AuditAsync() => LedgerAudit.RunAsync(database, time);

    public static Problem NoAccount(string accountId) =>
        Problems.AccountNotFound.With("No account with this id exists.", given: accountId);

    private static Problem NoKey(string keyId) =>
        Problems.KeyNotFound.With("No working API key with this id exists in this account.", given: keyId);

    private async Task<KeyMode?> FindModeAsync(string accountId, string generationId) =>
        (KeyMode?)await database.ReadAsync(async session => await session.ScalarAsync<long?>(
            "select mode from generations where account_id = @accountId and id = @generationId", new { accountId, generationId }));

    private async Task<Outcome<Booking>> RefundAsync(
        Tx tx, string accountId, KeyMode mode, string generationId, long? amount, string reason, string? reference)
    {
        var refunding = await _ledger.RefundAsync(tx, accountId, mode, generationId, amount, reason, reference);
        if (refunding is { Problem: null, Value: { Replayed: false } booking })
        {
            var payload = JsonSerializer.Serialize(
                new { id = booking.TransferId, taskId = generationId, credits = booking.Amount, mode = mode.Word() }, WireJson.Options);
            if (await BudgetsOfAsync(tx, accountId, generationId) is { } budgets)
            {
                await BudgetStore.EndAsync(tx, accountId, budgets, held: 0, used: -booking.Amount);
            }

            await EventLog.AppendAsync(tx, accountId, mode, "", EventTypes.CreditsRefunded, payload, time.GetUtcNow());
        }

        return refunding;
    }

    private static Task<string?> BudgetsOfAsync(Tx tx, string accountId, string generationId) => tx.ScalarAsync<string>(
        "select budgets from generations where account_id = @accountId and id = @generationId", new { accountId, generationId });

    private Task<Outcome<Booked>> BookAsync(
        Order order, Func<Tx, Task<Outcome<Booking>>> book) => ForAccountAsync<Booked>(order.AccountId, async tx =>
    {
        if ((await book(tx)).Failed(out var problem, out var booking))
        {
            return problem;
        }

        var booked = new Booked(booking, order.Mode, await CreditLedger.BalanceAsync(tx, order.AccountId, order.Mode));
        if (!booking.Replayed)
        {
            await WriteAsync(tx, order.By, new AuditEntry(order.AccountId, order.Action, order.TaskId ?? booking.TransferId)
            {
                After = new
                {
                    transferId = booking.TransferId,
                    mode = order.Mode.Word(),
                    amount = booking.Amount,
                    reason = order.Reason,
                    reference = order.Reference,
                    available = booked.Balance.Available,
                },
            });
        }

        return booked;
    });

    private Task WriteAsync(Tx tx, Actor by, AuditEntry entry) => AuditLog.AppendAsync(tx, by, entry, time.GetUtcNow());

    private Task<Outcome<T>> ForAccountAsync<T>(
        string accountId, Func<Tx, Task<Outcome<T>>> work) => database.InTransactionAsync(async tx =>
        await AccountStore.FindAsync(tx, accountId) is null ? NoAccount(accountId) : await work(tx));

    /// <summary>A booking that an operator asks for.</summary>
    private sealed record Order(Actor By, string Action, string AccountId, KeyMode Mode, string Reason, string? Reference)
    {
        public string? TaskId { get; init; }
    }
}
