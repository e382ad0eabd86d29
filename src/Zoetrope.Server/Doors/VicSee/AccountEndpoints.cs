using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;
using Zoetrope.Server.Vouchers;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>GET /api/v1/credits</c>, <c>/api/v1/ledger</c> and vouchers: what an account has, and why.</summary>
internal static class AccountEndpoints
{
    private const int MaxBody = 4 * 1024;

    private static readonly string[] Types = ["grant", "hold", "settle", "release", "refund", "adjust"];

    public static IEndpointRouteBuilder MapAccountEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/credits", ReadCredits)
            .RequireCaller(Scopes.Read)
            .WithSummary("Read the available and held credits of the key's mode")
            .WithTags("Account")
            .Produces<Envelope<CreditBalance>>();
        routes.MapGet("/api/v1/credits/alert", Alert)
            .RequireKey(Scopes.Read)
            .WithName("getCreditAlert")
            .WithSummary("Read the threshold of the low-credit alert")
            .WithTags("Account")
            .Produces<Envelope<CreditAlert>>();
        routes.MapPut("/api/v1/credits/alert", SetAlert)
            .RequireKey(Scopes.Generate)
            .WithName("setCreditAlert")
            .WithSummary("Set the threshold of the low-credit alert")
            .WithDescription(
                "The event `credits.low` is sent once when a task's hold takes the available credits of the key's mode below "
                + "the threshold, and again only after a top-up has reached it. `null` turns it off.")
            .WithTags("Account")
            .WithBodyLimit(MaxBody)
            .WithExample("""{"below": 500}""")
            .Accepts<CreditAlertRequest>("application/json")
            .Produces<Envelope<CreditAlert>>();
        routes.MapGet("/api/v1/ledger", Entries)
            .RequireCaller(Scopes.Read)
            .WithSummary("List the account's ledger, newest first")
            .WithTags("Account")
            .Produces<Envelope<LedgerPage>>();

        // It only ever adds credits, so any key of the account may; a program is no place to type a code into.
        routes.MapPost("/api/v1/vouchers/redeem", RedeemAsync)
            .RequireKey(Scopes.Read)
            .WithBodyLimit(MaxBody)
            .WithName("redeemVoucher")
            .WithSummary("Turn a voucher into credits")
            .WithDescription(
                "Adds its credits to your account in the voucher's mode, once. A repeated call of the same account changes nothing and "
                + "answers the same with `replayed`. Ten codes that are not good, and the account waits a quarter of an hour.")
            .WithTags("Account")
            .WithExample("""{"code":"7K3QW0D-9XMB4TN-2HCR8VZ"}""")
            .Accepts<RedeemRequest>("application/json")
            .Produces<Envelope<Redeemed>>();
        return routes;
    }

    private static async Task<Answer> ReadCredits(HttpContext context, Database database)
    {
        var caller = context.Caller();
        var balance = await database.ReadAsync(async session => await CreditLedger.BalanceAsync(session, caller.AccountId, caller.Mode));
        return Answer.Json(new Envelope<CreditBalance>(CreditWire.Of(balance, caller.Mode)), AccountJson.Default.EnvelopeCreditBalance);
    }

    private static async Task<Answer> Alert(HttpContext context, CreditAlerts alerts)
    {
        var caller = context.Caller();
        var (below, balance) = await alerts.ReadAsync(caller.AccountId, caller.Mode);
        var alert = new CreditAlert(below == 0 ? null : below, balance.Available, balance.Available < below, caller.Mode.Word());
        return Answer.Json(new Envelope<CreditAlert>(alert), AccountJson.Default.EnvelopeCreditAlert);
    }

    private static Task<Answer> SetAlert(
        HttpContext context, CreditAlerts alerts, TimeProvider time) => RequestFields.ReadAsync(context, async fields =>
    {
        var below = fields.Integer("below", 1, CreditLedger.MaxAmount);
        if (fields.Problem() is { } problem)
        {
            return problem;
        }

        if (!fields.Has("below"))
        {
            return Problems.MissingParameter.With("below is required.", "below", allowed: "a number of credits, or null for never");
        }

        var caller = context.Caller();
        await alerts.SetAsync(context.Actor(), caller.AccountId, caller.Mode, below ?? 0, time.GetUtcNow());
        return await Alert(context, alerts);
    });

    private static async Task<Answer> Entries(HttpContext context, Database database, string? limit, string? cursor, string? type)
    {
        if (Paging.Read(limit, cursor, Ids.Transfer).Failed(out var problem, out var page))
        {
            return problem;
        }

        if (type is not null && !Types.Contains(type))
        {
            return Problems.InvalidParameter.With("Unknown type of ledger entry.", "type", type, string.Join(", ", Types));
        }

        var caller = context.Caller();
        var transfers = await database.ReadAsync(async session =>
            await CreditLedger.ListAsync(session, caller.AccountId, caller.Mode, type, page.Limit + 1, page.After));
        var next = page.NextCursor(transfers, transfer => transfer.Id);
        var entries = transfers.Take(page.Limit).Select(Entry).ToList();
        return Answer.Json(new Envelope<LedgerPage>(new LedgerPage(entries, next)), AccountJson.Default.EnvelopeLedgerPage);
    }

    private static Task<Answer> RedeemAsync(
        HttpContext context, [FromServices] VoucherBooks vouchers) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var code = fields.SecretText("code", required: true);
        if (fields.Problem() is { } problem
            || (await vouchers.RedeemAsync(context.Actor(), context.Caller().AccountId, code!, context.Connection.RemoteIpAddress))
                .Failed(out problem, out var redeemed))
        {
            return problem;
        }

        var voucher = redeemed.Voucher;
        return Answer.Json(
            new Envelope<Redeemed>(new Redeemed(
                voucher.Id,
                voucher.Credits,
                ((KeyMode)voucher.Mode).Word(),
                redeemed.TransferId,
                redeemed.Replayed,
                redeemed.Balance.Available)),
            AccountJson.Default.EnvelopeRedeemed);
    });

    private static LedgerEntry Entry(Transfer transfer) =>
        new(transfer.Id, transfer.Kind, transfer.Amount, transfer.Debit, transfer.Credit, WireTime.Text(transfer.CreatedAt))
        {
            TaskId = transfer.GenerationId,
            Reason = transfer.Reason,
        };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Envelope<CreditBalance>), TypeInfoPropertyName = "EnvelopeCreditBalance")]
[JsonSerializable(typeof(Envelope<CreditAlert>), TypeInfoPropertyName = "EnvelopeCreditAlert")]
[JsonSerializable(typeof(Envelope<LedgerPage>), TypeInfoPropertyName = "EnvelopeLedgerPage")]
[JsonSerializable(typeof(Envelope<Redeemed>), TypeInfoPropertyName = "EnvelopeRedeemed")]
internal sealed partial class AccountJson : JsonSerializerContext;
