using Zoetrope.Server.Admission.Gates;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Events;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Admission.Commit;

/// <summary>
/// Transaction 1 for many submits at once: idempotency, the plan's day, the key's rate and flight, the hold, the row, the
/// ledger line and the event. Each submit is decided in order of arrival, in memory, against rows that are locked, and a
/// submit of several requests is decided as one: all of them or none. Then all that were accepted are written together.
/// </summary>
internal sealed class CommitGroup(ICommitStatements statements, CreditAlerts alerts, TimeProvider time)
{
    private readonly CommitBooks _books = new();
    private readonly Dictionary<(string, KeyMode), HashSet<string>> _hosts = [];
    private readonly List<Submit> _accepted = [];

    public async Task RunAsync(Tx tx, IReadOnlyList<Submit> submits)
    {
        var now = time.GetUtcNow();
        var today = UtcDay.Of(now);
        await statements.LoadAsync(tx, submits, today, _books);
        await _books.LoadBudgetsAsync(tx, now);
        await LoadHostsAsync(tx, submits);
        foreach (var submit in submits)
        {
            Decide(submit, now);
        }

        if (_accepted.Count > 0)
        {
            await AttachAsync(tx, now);
            await InsertFilesAsync(tx);
            await _books.SaveBudgetsAsync(tx, now);
            await statements.WriteAsync(tx, _accepted, today, _books, now);
            ProveBy(tx, _accepted[0]);
            await alerts.AppendAsync(tx, _books, now);
            await _books.AppendBudgetEventsAsync(tx, now);
        }

        CrashPoints.Hit("K2");
    }

    // A client is not told to try again while its task runs.
    private static void ProveBy(Tx tx, Submit first) => tx.ProveBy(async session => await session.ScalarAsync<long>(
        "select count(*) from generations where account_id = @account and id = @id",
        new { account = first.Caller.AccountId, id = first.Made!.TaskIds[0] }) > 0);

    // After the balance is locked: what another node adds for the same account is committed by now.
    private async Task LoadHostsAsync(Tx tx, IReadOnlyList<Submit> submits)
    {
        foreach (var submit in submits)
        {
            var whose = (submit.Caller.AccountId, submit.Caller.Mode);
            if (submit.NamesWebhooks && !_hosts.ContainsKey(whose))
            {
                _hosts[whose] = await TaskWebhooks.HostsAsync(tx, whose.AccountId, whose.Mode);
            }
        }
    }

    // The files of what was refused leave no row.
    private async Task InsertFilesAsync(Tx tx)
    {
        foreach (var submit in _accepted)
        {
            foreach (var file in submit.Files)
            {
                await ArtifactRecords.InsertAsync(tx, file);
            }
        }
    }

    private Problem? CheckHosts(Submit submit)
    {
        if (!submit.NamesWebhooks)
        {
            return null;
        }

        var hosts = _hosts[(submit.Caller.AccountId, submit.Caller.Mode)];
        var named = submit.Webhooks().Select(static webhook => TaskWebhooks.HostOf(webhook.Url)).Where(host => !hosts.Contains(host))
            .ToHashSet(StringComparer.Ordinal);
        if (named.Count > 0 && hosts.Count + named.Count > submit.MaxWebhookHosts)
        {
            return TaskWebhooks.TooManyHosts(hosts.Count, named.First(), submit.MaxWebhookHosts);
        }

        hosts.UnionWith(named);
        return null;
    }

    // Before their first events, which are delivered to them already.
    private async Task AttachAsync(Tx tx, DateTimeOffset now)
    {
        foreach (var submit in _accepted.Where(static submit => submit.NamesWebhooks))
        {
            foreach (var (subject, url) in submit.Webhooks())
            {
                await TaskWebhooks.AttachAsync(tx, submit.Caller, subject!, url, now);
            }
        }
    }

    // Runs again when the transaction is retried, so it sets everything that it decides.
    private void Decide(Submit submit, DateTimeOffset now)
    {
        (submit.Made, submit.Earlier, submit.Refusal, submit.Answer, submit.Budgets) = (null, null, null, null, null);

        // A replay comes first: it must answer alike even when credits or requests have run out meanwhile.
        if (submit.Idempotent is { } idempotent && _books.Answers.TryGetValue(SlotOf(submit.Caller, idempotent), out var stored))
        {
            var same = stored.IsOf(idempotent);
            submit.Earlier = same ? stored : null;
            submit.Refusal = same ? null : IdempotencyKeys.Mismatch(idempotent.Key);
            return;
        }

        var books = _books.Of(submit.Caller);
        submit.Refusal = AdmissionGates.Check(submit, books, now) ?? CheckHosts(submit);
        if (submit.Refusal is null)
        {
            AdmissionGates.Take(submit, books, now);
            Make(submit, books, now.ToUnixTimeMilliseconds());
            _accepted.Add(submit);
        }
    }

    private void Make(Submit submit, in CallerBooks books, long milliseconds)
    {
        var ids = new string[submit.Orders.Count];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = Ids.New(Ids.Generation, milliseconds);
        }

        var made = new Committed
        {
            Id = submit.Batch is null ? ids[0] : Ids.New(Ids.Batch, milliseconds),
            TaskIds = ids,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds),
            CreditsUsed = submit.Credits,
            CreditsRemaining = books.Funds.Available,
            Facts = submit.Facts,
            RequestsToday = books.Day?.Requests,
        };
        submit.Made = made;
        if (submit.Idempotent is { } first)
        {
            submit.Answer = StoredAnswer.Write(made, submit.FactsColumn!);
            _books.Answers[SlotOf(submit.Caller, first)] = new StoredAnswer(first.Fingerprint, made.Id, submit.Answer);
        }
    }

    private static (string, KeyMode, string) SlotOf(Caller caller, IdempotentRequest idempotent) =>
        (caller.AccountId, caller.Mode, idempotent.Key);
}
