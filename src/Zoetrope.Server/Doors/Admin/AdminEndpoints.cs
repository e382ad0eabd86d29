using System.Text.Json.Serialization.Metadata;
using Zoetrope.Contracts.Admin;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Doors.Shared.Bodies;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Operator;
using Zoetrope.Server.Vouchers;

namespace Zoetrope.Server.Doors.Admin;

/// <summary><c>/admin/v1</c>: what an operator does to accounts, keys and credits. Translation only.</summary>
internal static class AdminEndpoints
{
    private const int MaxBody = 64 * 1024;
    private const int MaxText = 255;
    private static readonly TimeSpan MaxGrace = TimeSpan.FromDays(30);

    public static IEndpointRouteBuilder MapAdmin(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup("/admin/v1").RequireOperator().WithBodyLimit(MaxBody).WithTags("Admin");
        var authenticator = routes.ServiceProvider.GetRequiredService<Authenticator>();
        admin.AddEndpointFilter(async (context, next) =>
        {
            // What was just revoked or changed must not live on in this process's memory of recent callers.
            var result = await next(context);
            authenticator.Forget();
            return result;
        });

        admin.MapPost("/accounts", CreateAccount).Produces<Envelope<AdminAccount>>();
        admin.MapGet("/accounts", ListAccounts).Produces<Envelope<AdminAccountPage>>();
        admin.MapGet("/accounts/{accountId}", GetAccount).Produces<Envelope<AdminAccount>>();
        admin.MapGet("/accounts/{accountId}/overview", Overview).Produces<Envelope<AdminAccountOverview>>();
        admin.MapPatch("/accounts/{accountId}", ChangePlan).Produces<Envelope<AdminAccount>>();
        admin.MapGet("/accounts/{accountId}/balances", Balances).Produces<Envelope<AdminBalanceList>>();

        admin.MapPost("/accounts/{accountId}/keys", CreateKey).Produces<Envelope<AdminKey>>().RequireFreshProof();
        admin.MapGet("/accounts/{accountId}/keys", ListKeys).Produces<Envelope<AdminKeyList>>();
        admin.MapDelete("/accounts/{accountId}/keys/{keyId}", RevokeKey).Produces<Envelope<AdminKey>>();
        admin.MapPatch("/accounts/{accountId}/keys/{keyId}", ChangeGrant).Produces<Envelope<AdminKey>>();
        admin.MapPost("/accounts/{accountId}/keys/{keyId}/rotate", RotateKey).Produces<Envelope<AdminKey>>().RequireFreshProof();

        admin.MapPost("/accounts/{accountId}/grants", Grant).Produces<Envelope<AdminBooking>>().RequireFreshProof();
        admin.MapPost("/accounts/{accountId}/adjustments", Adjust).Produces<Envelope<AdminBooking>>().RequireFreshProof();
        admin.MapPost("/accounts/{accountId}/refunds", Refund).Produces<Envelope<AdminBooking>>().RequireFreshProof();
        admin.MapProviders();
        admin.MapPeople();
        admin.MapVouchers();
        admin.MapGet("/ledger/audit", Audit).Produces<Envelope<AdminAudit>>();
        admin.MapSearch();
        admin.MapSuspense();
        admin.MapCases();
        admin.MapAudit();
        admin.MapMargin();
        admin.MapFocus();
        admin.MapBudgets();
        return routes;
    }

    private static Task<Answer> CreateAccount(
        HttpContext context, AccountOperations operations) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var name = fields.Text("name", AccountStore.MaxNameLength, required: true);
        var plan = fields.Text("plan", MaxText, required: true);
        return fields.Problem() is { } problem
            ? problem
            : Wire(await operations.CreateAccountAsync(context.Actor(), name!, plan!), AdminWire.Wire);
    });

    private static async Task<Answer> ListAccounts(AccountOperations operations, string? name, string? q, string? limit, string? cursor)
    {
        if (Paging.Read(limit, cursor, Ids.Account).Failed(out var problem, out var page)
            || SearchWire.Text(name, "name").Failed(out problem, out var named)
            || SearchWire.Text(q).Failed(out problem, out var text))
        {
            return problem;
        }

        var accounts = await operations.ListAccountsAsync(page.Limit + 1, page.After, named, text);
        return Ok(
            new AdminAccountPage([.. accounts.Take(page.Limit).Select(AdminWire.Wire)], page.NextCursor(accounts, account => account.Id)));
    }

    private static async Task<Answer> GetAccount(AccountOperations operations, string accountId) =>
        Wire(await operations.FindAccountAsync(accountId), AdminWire.Wire);

    private static async Task<Answer> Overview(AccountOperations operations, string accountId) =>
        Wire(await operations.OverviewAsync(accountId), AdminWire.Wire);

    private static Task<Answer> ChangePlan(
        HttpContext context, AccountOperations operations, string accountId) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var plan = fields.Text("plan", MaxText, required: true);
        return fields.Problem() is { } problem
            ? problem
            : Wire(await operations.ChangePlanAsync(context.Actor(), accountId, plan!), AdminWire.Wire);
    });

    private static async Task<Answer> Balances(AccountOperations operations, string accountId) =>
        Wire(
            await operations.BalancesAsync(accountId),
            balances => new AdminBalanceList([.. balances.Select(item => AdminWire.Wire(item.Mode, item.Balance))]));

    private static Task<Answer> CreateKey(
        HttpContext context,
        AccountOperations operations,
        CatalogHolder catalog,
        TimeProvider time,
        string accountId) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var mode = fields.OneOf("mode", AdminWire.Modes, required: true);
        if (KeyFields.Read(fields, isNew: true, catalog.Current, time.GetUtcNow()).Failed(out var problem, out var key))
        {
            return problem;
        }

        var wanted = new NewApiKey(accountId, AdminWire.Mode(mode), key.Name!)
        {
            Scopes = key.Scopes ?? Scopes.All,
            Limits = key.Limits,
            ExpiresAt = key.ExpiresAt,
        };
        return Secret(context, await operations.CreateKeyAsync(context.Actor(), wanted));
    });

    private static async Task<Answer> ListKeys(AccountOperations operations, string accountId) =>
        Wire(await operations.ListKeysAsync(accountId), keys => new AdminKeyList([.. keys.Select(AdminWire.Wire)]));

    private static async Task<Answer> RevokeKey(
        HttpContext context, AccountOperations operations, Authenticator authenticator, string accountId, string keyId)
    {
        var revoked = await operations.RevokeKeyAsync(context.Actor(), accountId, keyId);
        await authenticator.ForgetEverywhereAsync();
        return Wire(revoked, AdminWire.Wire);
    }

    private static Task<Answer> ChangeGrant(
        HttpContext context,
        AccountOperations operations,
        string accountId,
        string keyId) => RequestFields.ReadStrictAsync(context, async fields =>
            GrantFields.Read(fields).Failed(out var problem, out var change)
                ? problem
                : Wire(await operations.ChangeGrantAsync(context.Actor(), accountId, keyId, change), AdminWire.Wire));

    private static Task<Answer> RotateKey(
        HttpContext context,
        AccountOperations operations,
        string accountId,
        string keyId) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var grace = fields.Integer("graceSeconds", 0, (long)MaxGrace.TotalSeconds);
        return fields.Problem() is { } problem
            ? problem
            : Secret(context, await operations.RotateKeyAsync(context.Actor(), accountId, keyId, TimeSpan.FromSeconds(grace ?? 0)));
    });

    private static Task<Answer> Grant(
        HttpContext context, AccountOperations operations, string accountId) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var mode = fields.OneOf("mode", AdminWire.Modes, required: true);
        var amount = fields.Integer("amount", 1, CreditLedger.MaxAmount, required: true);
        var reason = fields.Text("reason", MaxText);
        return Reference(context, fields).Failed(out var problem, out var reference)
            ? problem
            : Wire(
                await operations.GrantCreditsAsync(
                    context.Actor(),
                    accountId,
                    AdminWire.Mode(mode),
                    amount!.Value,
                    reason ?? "Granted by the operator",
                    reference),
                AdminWire.Wire);
    });

    private static Task<Answer> Adjust(
        HttpContext context, AccountOperations operations, string accountId) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var mode = fields.OneOf("mode", AdminWire.Modes, required: true);
        var amount = fields.Integer("amount", -CreditLedger.MaxAmount, CreditLedger.MaxAmount, required: true);
        var reason = fields.Text("reason", MaxText, required: true);
        if (Reference(context, fields).Failed(out var problem, out var reference))
        {
            return problem;
        }

        return amount == 0
            ? Problems.InvalidParameter.With("amount must not be 0.", "amount", "0")
            : Wire(
                await operations.AdjustCreditsAsync(
                    context.Actor(), accountId, AdminWire.Mode(mode), amount!.Value, reason!, reference),
                AdminWire.Wire);
    });

    private static Task<Answer> Refund(
        HttpContext context, AccountOperations operations, string accountId) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var task = fields.Text("taskId", MaxText, required: true);
        var amount = fields.Integer("amount", 1, CreditLedger.MaxAmount);
        var reason = fields.Text("reason", MaxText);
        return Reference(context, fields).Failed(out var problem, out var reference)
            ? problem
            : Wire(
                await operations.RefundAsync(
                    context.Actor(), accountId, task!, amount, reason ?? "Refunded by the operator", reference),
                AdminWire.Wire);
    });

    private static async Task<Answer> Audit(AccountOperations operations, string? format)
    {
        var report = await operations.AuditAsync();
        return format == "text" ? Answer.Of(TypedResults.Text(report.ToText())) : Ok(AdminWire.Wire(report));
    }

    // The body's `reference` and the Idempotency-Key header are two spellings of the same thing.
    private static Outcome<string?> Reference(HttpContext context, RequestFields fields)
    {
        var reference = fields.Text("reference", MaxText);
        if (fields.Problem() is { } problem)
        {
            return problem;
        }

        // Vouchers name their grants themselves.
        if (reference?.StartsWith(Voucher.ReferencePrefix + Voucher.Prefix, StringComparison.Ordinal) is true)
        {
            return Problems.InvalidParameter.With("reference must not name a voucher. Choose another one.", "reference", reference);
        }

        var header = context.Request.Headers["Idempotency-Key"];
        if (header.Count == 0)
        {
            return reference;
        }

        var key = header.Count == 1 ? HeaderText.Of(header[0]!) : "";
        if (key.Length is 0 or > MaxText)
        {
            return Problems.InvalidIdempotencyKey.With(
                "The Idempotency-Key header must be sent once, with 1 to 255 characters.", "Idempotency-Key");
        }

        return reference is null || reference == key
            ? key
            : Problems.InvalidParameter.With("reference and Idempotency-Key differ. Send only one of them.", "reference", reference);
    }

    // The only answers that carry a secret; no proxy or cache on the way may keep them.
    private static Answer Secret(HttpContext context, Outcome<CreatedKey> outcome)
    {
        context.Response.Headers.CacheControl = "no-store";
        return Wire(outcome, AdminWire.Wire);
    }

    public static Answer Wire<T, TWire>(Outcome<T> outcome, Func<T, TWire> wire) =>
        outcome.Failed(out var problem, out var value) ? problem : Ok(wire(value));

    public static Answer Ok<T>(T data) =>
        Answer.Json(new Envelope<T>(data), (JsonTypeInfo<Envelope<T>>)AdminJson.Default.GetTypeInfo(typeof(Envelope<T>))!);
}
