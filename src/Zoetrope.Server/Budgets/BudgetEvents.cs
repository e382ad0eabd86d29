using System.Text.Json;
using Zoetrope.Server.Events;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Budgets;

/// <summary>Tells an account that a budget reached a threshold.</summary>
internal static class BudgetEvents
{
    public static Task AppendAsync(Tx tx, BudgetLine line, long threshold, DateTimeOffset now)
    {
        var budget = line.Budget;
        var payload = JsonSerializer.Serialize(
            new
            {
                budget = budget.Id,
                name = budget.Name,
                scope = budget.Scope,
                subject = budget.Subject,
                period = budget.Period,
                threshold,
                limit = budget.LimitAt(now.ToUnixTimeMilliseconds()),
                used = line.Used,
                held = line.Held,
                resetsAt = BudgetPeriods.End(budget.Period, line.StartsAt) is { } end ? WireTime.Text(end) : null,
                mode = budget.Mode.Word(),
            },
            WireJson.Options);
        return EventLog.AppendAsync(tx, budget.AccountId, budget.Mode, "", EventTypes.BudgetThreshold, payload, now);
    }
}
