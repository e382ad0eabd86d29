using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Budgets;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Doors.Shared.Spending;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>/api/v1/budgets</c>: what some tasks of the account may cost in a period.</summary>
internal static class BudgetEndpoints
{
    private const string Root = "/api/v1/budgets";
    private const int MaxBody = 4 * 1024;

    private const string Example = """{"name": "Red team", "scope": "tag", "subject": "team:red", "period": "month", "limit": 5000}""";

    public static IEndpointRouteBuilder MapBudgetEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Root, static async (HttpContext context, AccountBudgets budgets, TimeProvider time) =>
                BudgetWire.Of(await budgets.ListAsync(context.Caller().AccountId, context.Caller().Mode), time))
            .RequireCaller(Scopes.Read)
            .WithName("listBudgets")
            .WithSummary("List the budgets of the key's mode, with what is used and held of each")
            .WithTags("Account")
            .Produces<Envelope<BudgetList>>();
        routes.MapGet(Root + "/{id}", static async (HttpContext context, AccountBudgets budgets, TimeProvider time, string id) =>
                BudgetWire.Of(await budgets.FindAsync(context.Caller().AccountId, context.Caller().Mode, id), time))
            .RequireCaller(Scopes.Read)
            .WithName("getBudget")
            .WithSummary("Read a budget")
            .WithTags("Account")
            .Produces<Envelope<BudgetState>>();
        routes.MapPost(Root, CreateAsync)
            .RequireKey(Scopes.Budgets)
            .RequireFreshProof()
            .WithBodyLimit(MaxBody)
            .WithName("createBudget")
            .WithSummary("Set a budget")
            .WithDescription(
                "Requests that would pass it are refused with `BUDGET_REACHED`; `budget.threshold` is sent once in a period at 50, 80 and "
                + "100 percent. It counts from now on, in the mode of the key. Needs a key with the scope `budgets`.")
            .WithTags("Account")
            .WithExample(Example)
            .Accepts<BudgetRequest>("application/json")
            .Produces<Envelope<BudgetState>>();
        routes.MapPatch(Root + "/{id}", ChangeAsync)
            .RequireKey(Scopes.Budgets)
            .RequireFreshProof()
            .WithBodyLimit(MaxBody)
            .WithName("changeBudget")
            .WithSummary("Change a budget's name or limit, or raise it for some time")
            .WithTags("Account")
            .WithExample("""{"raise": {"limit": 8000, "until": "2030-01-31T00:00:00Z"}}""")
            .Accepts<BudgetPatch>("application/json")
            .Produces<Envelope<BudgetState>>();
        routes.MapDelete(Root + "/{id}", static async (HttpContext context, AccountBudgets budgets, TimeProvider time, string id) =>
                BudgetWire.Of(await budgets.DeleteAsync(context.Actor(), context.Caller().AccountId, context.Caller().Mode, id), time))
            .RequireKey(Scopes.Budgets)
            .RequireFreshProof()
            .WithoutBody()
            .WithName("deleteBudget")
            .WithSummary("Delete a budget")
            .WithTags("Account")
            .Produces<Envelope<BudgetState>>();
        return routes;
    }

    private static Task<Answer> CreateAsync(
        HttpContext context,
        AccountBudgets budgets,
        CatalogHolder catalog,
        TimeProvider time) => RequestFields.ReadAsync(context, async fields =>
    {
        var caller = context.Caller();
        return BudgetWire.Read(fields, catalog, caller.AccountId, caller.Mode).Failed(out var problem, out var wanted)
            ? problem
            : BudgetWire.Of(await budgets.CreateAsync(context.Actor(), wanted), time);
    });

    private static Task<Answer> ChangeAsync(
        HttpContext context,
        AccountBudgets budgets,
        TimeProvider time,
        string id) => RequestFields.ReadAsync(context, async fields =>
    {
        var caller = context.Caller();
        return BudgetWire.ReadChange(fields, time).Failed(out var problem, out var change)
            ? problem
            : BudgetWire.Of(await budgets.ChangeAsync(context.Actor(), caller.AccountId, caller.Mode, id, change), time);
    });
}
