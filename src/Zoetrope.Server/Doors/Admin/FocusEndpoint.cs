using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Zoetrope.Contracts.Admin;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Spending;
using Zoetrope.Server.Usage;

namespace Zoetrope.Server.Doors.Admin;

/// <summary><c>GET /admin/v1/usage</c>: what live tasks cost, day by day, in the columns of FOCUS.</summary>
internal static class FocusEndpoint
{
    private const int UsualLimit = 1_000;
    private const decimal Micros = 1_000_000m;

    private static readonly string[] By = ["day", "account", "provider", "model", "key", "member", "user"];

    private static readonly System.Reflection.PropertyInfo[] Columns = typeof(AdminFocusLine).GetProperties();
    private static readonly string[] Names = [.. AdminJson.Default.AdminFocusLine.Properties.Select(property => property.Name)];

    public static void MapFocus(this RouteGroupBuilder admin) => admin.MapGet("/usage", ReadAsync)
        .WithSummary("Read what live tasks used and cost, in the columns of FOCUS")
        .WithDescription(
            "FOCUS 1.2, a line for each day, account, provider, model, key, member and user. The cost is what vendors charge, as far as it "
            + "is known; a task's attempts are all counted at the provider that it ended with.")
        .WithQuery("from", "string", $"{UsageSpan.Times} 30 days before the end by default.")
        .WithQuery("to", "string", "The end, which is not part of it; now by default.")
        .WithQuery("accountId", "string", "Only this account.")
        .WithQuery("format", "string", "json (the default) or csv; so does `Accept: text/csv`.")
        .WithQuery("limit", "integer", $"Lines of a page: 1–{UsageSpan.MaxLimit}, {UsualLimit} by default.")
        .WithQuery("cursor", "string", "`nextCursor` of the previous page; with csv the header `X-Next-Cursor`.")
        .Produces<Envelope<AdminFocusPage>>();

    private static async Task<Answer> ReadAsync(
        HttpContext context, [FromServices] UsageReads reads, [FromServices] CatalogOptions catalog, TimeProvider time)
    {
        var query = context.Request.Query;
        if (UsageSpan.Read(query, time).Failed(out var problem, out var span)
            || UsageSpan.Limit(query, UsualLimit).Failed(out problem, out var limit)
            || UsageSpan.After(query, By.Length).Failed(out problem, out var after)
            || CsvAnswer.IsWanted(context).Failed(out problem, out var csv))
        {
            return problem;
        }

        var (page, more) = await reads.GroupsAsync(new UsageQuery
        {
            AccountId = query["accountId"].ToString() is { Length: > 0 } account ? account : null,
            Mode = KeyMode.Live,
            From = span.From,
            To = span.To,
            By = By,
            After = after,
            Limit = limit,
        });
        var lines = page.ConvertAll(group => Line(group, catalog.CreditValueMicros));
        var next = more ? UsageSpan.Cursor(page[^1]) : null;
        return csv
            ? CsvAnswer.Of(Names, lines.Select(line => (IReadOnlyList<object>)[.. Columns.Select(column => column.GetValue(line)!)]), next)
            : Answer.Of(TypedResults.Json(
                new Envelope<AdminFocusPage>(new AdminFocusPage(lines, next)), AdminJson.Default, ProblemResponse.ContentType));
    }

    private static AdminFocusLine Line(Server.Usage.UsageGroup group, long creditMicros)
    {
        var day = DateTimeOffset.UnixEpoch.AddDays(long.Parse(group.Keys[0], CultureInfo.InvariantCulture));
        var month = new DateTimeOffset(day.Year, day.Month, 1, 0, 0, 0, TimeSpan.Zero);
        var (provider, model, sum) = (group.Keys[2], group.Keys[3], group.Sum);
        var cost = sum.CostMicros / Micros;
        return new AdminFocusLine
        {
            BilledCost = cost,
            EffectiveCost = cost,
            ListCost = cost,
            ContractedCost = cost,
            BillingPeriodStart = Text(month),
            BillingPeriodEnd = Text(month.AddMonths(1)),
            ChargePeriodStart = Text(day),
            ChargePeriodEnd = Text(day.AddDays(1)),
            ChargeDescription = $"{model} at {provider}",
            SubAccountId = group.Keys[1],
            ProviderName = provider,
            ServiceName = provider,
            SkuId = model,
            ConsumedQuantity = sum.Tasks,
            KeyId = group.Keys[4],
            MemberId = group.Keys[5],
            EndUser = group.Keys[6],
            Succeeded = group.Succeeded,
            CreditsCharged = sum.Charged,
            CreditsRefunded = sum.Refunded,
            CreditValue = checked((sum.Charged - sum.Refunded) * creditMicros) / Micros,
            Seconds = sum.MediaMs / 1_000.0,
            Bytes = sum.Bytes,
        };
    }

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
