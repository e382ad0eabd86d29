using Microsoft.AspNetCore.Mvc;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Budgets;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Doors.Shared.Spending;
using Zoetrope.Server.Operator;

namespace Zoetrope.Server.Doors.Admin;

/// <summary>The same budgets for the operator: any account's, in either mode.</summary>
internal static class BudgetEndpoints
{
    private const string Root = "/accounts/{accountId}/budgets";

    public static void MapBudgets(this RouteGroupBuilder admin)
    {
        admin.MapGet(Root, ListAsync).WithMode().WithSummary("List an account's budgets").Produces<Envelope<BudgetList>>();
        admin.MapPost(Root, CreateAsync)
            .WithMode()
            .WithSummary("Set a budget for an account")
            .Accepts<BudgetRequest>("application/json")
            .Produces<Envelope<BudgetState>>();
        admin.MapPatch(Root + "/{id}", ChangeAsync)
            .WithMode()
            .WithSummary("Change or raise a budget of an account")
            .Accepts<BudgetPatch>("application/json")
            .Produces<Envelope<BudgetState>>();
        admin.MapDelete(Root + "/{id}", DeleteAsync)
            .WithMode()
            .WithSummary("Delete a budget of an account")
            .Produces<Envelope<BudgetState>>();
    }

    private static RouteHandlerBuilder WithMode(this RouteHandlerBuilder builder) =>
        builder.WithQuery("mode", "string", "test or live (the default).");

    private static async Task<Answer> ListAsync(
        HttpContext context, string accountId, [FromServices] AccountBudgets budgets, AccountOperations accounts, TimeProvider time) =>
        (await ModeAsync(context, accounts, accountId)).Failed(out var problem, out var mode)
            ? problem
            : BudgetWire.Of(await budgets.ListAsync(accountId, mode), time);

    private static Task<Answer> CreateAsync(
        HttpContext context,
        string accountId,
        [FromServices] AccountBudgets budgets,
        AccountOperations accounts,
        CatalogHolder catalog,
        TimeProvider time) => RequestFields.ReadStrictAsync(context, async fields =>
        (await ModeAsync(context, accounts, accountId)).Failed(out var problem, out var mode)
        || BudgetWire.Read(fields, catalog, accountId, mode).Failed(out problem, out var wanted)
            ? problem
            : BudgetWire.Of(await budgets.CreateAsync(context.Actor(), wanted), time));

    private static Task<Answer> ChangeAsync(
        HttpContext context,
        string accountId,
        string id,
        [FromServices] AccountBudgets budgets,
        AccountOperations accounts,
        TimeProvider time) => RequestFields.ReadStrictAsync(context, async fields =>
        (await ModeAsync(context, accounts, accountId)).Failed(out var problem, out var mode)
        || BudgetWire.ReadChange(fields, time).Failed(out problem, out var change)
            ? problem
            : BudgetWire.Of(await budgets.ChangeAsync(context.Actor(), accountId, mode, id, change), time));

    private static async Task<Answer> DeleteAsync(
        HttpContext context,
        string accountId,
        string id,
        [FromServices] AccountBudgets budgets,
        AccountOperations accounts,
        TimeProvider time) =>
        (await ModeAsync(context, accounts, accountId)).Failed(out var problem, out var mode)
            ? problem
            : BudgetWire.Of(await budgets.DeleteAsync(context.Actor(), accountId, mode, id), time);

    private static async Task<Outcome<KeyMode>> ModeAsync(HttpContext context, AccountOperations accounts, string accountId)
    {
        var given = context.Request.Query["mode"].ToString();
        return given is not ("" or "live" or "test")
            ? Problems.InvalidParameter.With("mode must be test or live.", "mode", ShortText.Of(given), "test, live")
            : (await accounts.FindAccountAsync(accountId)).Failed(out var problem, out _)
                ? problem
                : given == "test" ? KeyMode.Test : KeyMode.Live;
    }
}
