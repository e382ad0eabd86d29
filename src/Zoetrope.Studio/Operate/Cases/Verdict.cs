using Zoetrope.Contracts.Admin;
using Zoetrope.Studio.Texts;

namespace Zoetrope.Studio.Operate.Cases;

/// <summary>What waits to be decided: what is known of it, and what each decision books.</summary>
/// <param name="Id">The case, or the task.</param>
/// <param name="IsCase">Whether it is a case.</param>
/// <param name="Known">What is known, by name.</param>
/// <param name="Decisions">What can be decided, each with what it books.</param>
public sealed record Verdict(string Id, bool IsCase, IReadOnlyList<(string Name, string Value)> Known, IReadOnlyList<AdminDecision> Decisions)
{
    public static Verdict Of(AdminCase one) => new(one.Id, true, Facts(
        ("operate.case", Words.T("operate.case." + one.Kind)),
        ("operate.known", one.Detail),
        ("operate.provider", one.Provider),
        ("operate.job", one.ProviderTaskId),
        ("operate.attempt", one.AttemptId),
        ("operate.task", one.TaskId),
        ("frame.account", one.AccountId),
        ("operate.since", Numbers.Moment(one.OpenedAt))), one.Decisions);

    public static Verdict Of(AdminSuspendedTask task) => new(
        task.TaskId,
        false,
        Facts(
            ("operate.known", task.Why),
            ("operate.provider", task.Provider),
            ("operate.model", task.Model),
            ("operate.job", task.ProviderTaskId),
            ("operate.request", task.ProviderRequestId),
            ("operate.attempt", task.AttemptId),
            ("operate.task", task.TaskId),
            ("frame.account", task.AccountId),
            ("operate.since", Numbers.Moment(task.Since))),
        [
            new AdminDecision(true, Words.T("operate.effect.billed", Numbers.Text(task.Credits), task.Provider)),
            new AdminDecision(false, Words.T("operate.effect.free", Numbers.Text(task.Credits), task.Provider)),
        ]);

    private static List<(string Name, string Value)> Facts(params (string Name, string? Value)[] facts) =>
        [.. facts.Where(fact => fact.Value is { Length: > 0 }).Select(fact => (Words.T(fact.Name), fact.Value!))];
}
