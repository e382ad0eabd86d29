using System.Text.Json;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Admission.Gates;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.Shared.Paid;

/// <summary>A request that was priced, what the account has, and the budget that has no room for it.</summary>
internal readonly record struct Priced(Order Order, Balance Balance, BudgetFacts? Budget);

/// <summary>What a request would cost, and whether it could be paid: for every door that says so.</summary>
internal sealed class Estimates(Admit admit, Database database, TimeProvider time)
{
    public async ValueTask<Outcome<Priced>> PriceAsync(HttpContext context, Draft draft, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        if (PaidHeaders.Attribution(context.Request).Failed(out var problem, out var headers)
            || draft.Attribution.Over(headers).Failed(out problem, out var attribution)
            || (await admit.OrderAsync(caller, draft with { Attribution = attribution }, cancellationToken))
                .Failed(out problem, out var order))
        {
            return problem;
        }

        return await database.ReadAsync(async session => new Priced(
            order,
            await CreditLedger.BalanceAsync(session, caller.AccountId, caller.Mode),
            await BudgetLimits.ReachedByAsync(session, caller, order, time.GetUtcNow())));
    }

    public static void Write(Utf8JsonWriter writer, Priced priced) =>
        GenerateForm.WriteEstimate(writer, priced.Order, priced.Balance, priced.Budget);
}
