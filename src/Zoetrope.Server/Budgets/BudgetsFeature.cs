using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Budgets;

/// <summary>What some tasks of an account may cost in a period.</summary>
internal static class BudgetsFeature
{
    public static IServiceCollection AddBudgets(this IServiceCollection services) => services
        .AddSingleton<AccountBudgets>()
        .AddSingleton<IRetention, BudgetRetention>();
}
