using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Budgets;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Admission.Gates;

/// <summary>The budgets that the submit's tasks count in. An account without budgets has none, and nothing is asked here.</summary>
internal static class BudgetLimits
{
    public static Problem? Check(Submit submit, in CallerBooks books, DateTimeOffset now)
    {
        if (books.Budgets is not { } budgets)
        {
            return null;
        }

        var at = now.ToUnixTimeMilliseconds();
        foreach (var line in budgets)
        {
            if (CreditsOf(submit, line.Budget) is > 0 and var credits && credits > line.Left(at))
            {
                return Reached(line, credits, now);
            }
        }

        return null;
    }

    /// <summary>Counts a submit that passed; what each of its tasks is counted by, or null where none is.</summary>
    public static string?[]? Take(Submit submit, in CallerBooks books)
    {
        if (books.Budgets is not { } budgets)
        {
            return null;
        }

        var holds = new string?[submit.Orders.Count];
        for (var i = 0; i < holds.Length; i++)
        {
            var order = submit.Orders[i];
            var counting = budgets.FindAll(line => IsOf(line.Budget, submit.Caller, order));
            counting.ForEach(line => line.Hold(order.Credits));
            holds[i] = BudgetHolds.Write(counting);
        }

        return holds;
    }

    /// <summary>The budget that has no room for an order as it would be submitted now.</summary>
    public static async Task<BudgetFacts?> ReachedByAsync(Session session, Caller caller, Order order, DateTimeOffset now)
    {
        var count = await session.ScalarAsync<long?>(
            "select budgets from balances where account_id = @AccountId and mode = @mode",
            new { caller.AccountId, mode = (long)caller.Mode });
        if (count is null or 0)
        {
            return null;
        }

        var lines = await BudgetStore.LinesAsync(session, caller.AccountId, caller.Mode, now);
        var submit = new Submit { Caller = caller, Orders = [order], Credits = order.Credits };
        return Check(submit, default(CallerBooks) with { Budgets = lines }, now)?.Budget;
    }

    // Before the orders are made only their sum is known, and what they are for is not.
    private static long CreditsOf(Submit submit, Budget budget)
    {
        if (submit.Orders.Count == 0)
        {
            return IsOf(budget, submit.Caller, order: null) ? submit.Credits : 0;
        }

        var credits = 0L;
        foreach (var order in submit.Orders)
        {
            credits += IsOf(budget, submit.Caller, order) ? order.Credits : 0;
        }

        return credits;
    }

    private static bool IsOf(Budget budget, Caller caller, Order? order) => budget.Scope switch
    {
        BudgetScopes.Account => true,
        BudgetScopes.Key => budget.Subject == caller.SpendsWith || budget.Subject == caller.Granter?.SpendsWith,
        BudgetScopes.Member => budget.Subject == caller.PersonId,
        BudgetScopes.User => budget.Subject == order?.Attribution.User,
        BudgetScopes.Model => budget.Subject == order?.Model.Id,
        BudgetScopes.Tag => order is not null && HasTag(order, budget.Subject),
        _ => false,
    };

    private static bool HasTag(Order order, string subject)
    {
        foreach (var tag in order.Attribution.Tags)
        {
            if (subject.Length == tag.Name.Length + 1 + tag.Value.Length
                && subject.StartsWith(tag.Name, StringComparison.Ordinal) && subject[tag.Name.Length] == ':'
                && subject.EndsWith(tag.Value, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static Problem Reached(BudgetLine line, long credits, DateTimeOffset now)
    {
        var (budget, at) = (line.Budget, now.ToUnixTimeMilliseconds());
        var (limit, left) = (budget.LimitAt(at), Math.Max(0, line.Left(at)));
        var end = BudgetPeriods.End(budget.Period, line.StartsAt);
        var resets = end is { } time ? $"Resets at: {WireTime.Text(time)}" : "It does not reset";
        return Problems.BudgetReached.With(
            $"The budget \"{budget.Name}\" ({budget.Id}) is {limit} credits{Per(budget.Period)}: {line.Used} are used, {line.Held} are "
            + $"held for tasks that have not ended, and this request costs {credits}. {resets}. A key with the scope `budgets`, "
            + "or the operator of this server, can raise it.",
            allowed: $"at most {left} credits{(end is { } until ? $" until {WireTime.Text(until)}" : "")}") with
        {
            RetryAfter = end - now,
            Budget = new BudgetFacts(budget.Id, budget.Name, limit, line.Used, line.Held, end is { } ends ? WireTime.Text(ends) : null),
        };
    }

    private static string Per(string period) => period == BudgetPeriods.Total ? " in all" : $" a {period}";
}
