using Microsoft.AspNetCore.Mvc;
using Zoetrope.Contracts.Admin;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.Admin;

/// <summary><c>GET /admin/v1/margin</c>: what was earned, and what it cost.</summary>
internal static class MarginEndpoint
{
    private const string Usual = "model";
    private static readonly TimeSpan UsualSpan = TimeSpan.FromDays(30);

    public static void MapMargin(this IEndpointRouteBuilder admin) =>
        admin.MapGet("/margin", Read).Produces<Envelope<AdminMargin>>().WithSummary("Sum up what live tasks earned and cost");

    /// <param name="database">Where the attempts are.</param>
    /// <param name="catalog">What a credit is worth.</param>
    /// <param name="time">The clock.</param>
    /// <param name="from">The first day or time; 30 days before the end by default.</param>
    /// <param name="to">The end, which is not part of it; now by default.</param>
    /// <param name="groupBy">model (the default), provider or account.</param>
    private static async Task<Answer> Read(
        [FromServices] Database database,
        [FromServices] CatalogOptions catalog,
        TimeProvider time,
        string? from,
        string? to,
        string? groupBy)
    {
        if (Instant("to", to, time.GetUtcNow()).Failed(out var badEnd, out var end))
        {
            return badEnd;
        }

        if (Instant("from", from, end - UsualSpan).Failed(out var badStart, out var start))
        {
            return badStart;
        }

        if (start >= end)
        {
            return Problems.InvalidParameter.With("from must be before to.", "from", from);
        }

        var by = groupBy ?? Usual;
        if (!MarginSums.Keys.ContainsKey(by))
        {
            var words = string.Join(", ", MarginSums.Keys.Keys);
            return Problems.InvalidParameter.With($"groupBy must be one of {words}.", "groupBy", by, words);
        }

        var sums = await MarginSums.ReadAsync(database, by, start, end);
        var total = new MarginSum
        {
            Name = "total",
            Attempts = sums.Sum(sum => sum.Attempts),
            Charged = sums.Sum(sum => sum.Charged),
            Refunded = sums.Sum(sum => sum.Refunded),
            CostMicros = sums.Sum(sum => sum.CostMicros),
            AssumedMicros = sums.Sum(sum => sum.AssumedMicros),
            UnknownCosts = sums.Sum(sum => sum.UnknownCosts),
        };
        var margin = new AdminMargin(
            WireTime.Text(start),
            WireTime.Text(end),
            by,
            catalog.CreditValueMicros,
            Wire(total, catalog.CreditValueMicros),
            [.. sums.Select(sum => Wire(sum, catalog.CreditValueMicros))]);
        return Answer.Of(TypedResults.Json(new Envelope<AdminMargin>(margin), AdminJson.Default, ProblemResponse.ContentType));
    }

    private static AdminMarginGroup Wire(MarginSum sum, long creditMicros)
    {
        var value = checked((sum.Charged - sum.Refunded) * creditMicros);
        return new AdminMarginGroup(
            sum.Name,
            sum.Attempts,
            sum.Charged,
            sum.Refunded,
            value,
            sum.CostMicros,
            sum.AssumedMicros,
            sum.UnknownCosts,
            value - sum.CostMicros)
        {
            MarginPercent = value > 0 && sum.UnknownCosts == 0 ? (int)Math.Floor((value - sum.CostMicros) * 100m / value) : null,
        };
    }

    private static Outcome<DateTimeOffset> Instant(string name, string? text, DateTimeOffset otherwise) =>
        text is null ? otherwise : QueryTime.ReadDay(name, text, text);
}
