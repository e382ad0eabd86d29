using System.Globalization;
using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Spending;
using Zoetrope.Server.Usage;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>GET /api/v1/usage</c>: what the account's tasks used.</summary>
internal static class UsageEndpoints
{
    private const int MaxKeys = 2;
    private const int UsualLimit = 100;
    private const string TagPrefix = "tag:";

    private static readonly string[] Words = ["model", "key", "member", "user", "outcome", "day", "hour"];
    private static readonly string Allowed = $"{string.Join(", ", Words)}, tag:<name>, or two of them with a comma";

    public static IEndpointRouteBuilder MapUsageEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/usage", ReadAsync)
            .RequireCaller(Scopes.Read)
            .WithName("getUsage")
            .WithSummary("Read what the account's tasks used")
            .WithDescription(
                "Tasks are counted in the hour in which they ended, refunds in the hour in which they were booked, so the credits are "
                + "those of the ledger in the same hours. A task is in here a second or two after its end. Answers the key's mode.")
            .WithQuery("from", "string", $"{UsageSpan.Times} 30 days before the end by default.")
            .WithQuery("to", "string", "The end, which is not part of it; now by default.")
            .WithQuery("by", "string", $"{Allowed}; day by default.")
            .WithQuery("format", "string", "json (the default) or csv; so does `Accept: text/csv`.")
            .WithQuery("limit", "integer", $"Groups of a page: 1–{UsageSpan.MaxLimit}, {UsualLimit} by default.")
            .WithQuery("cursor", "string", "`nextCursor` of the previous page; with csv the header `X-Next-Cursor`.")
            .WithTags("Account")
            .Produces<Envelope<UsageReport>>();
        return routes;
    }

    private static async Task<Answer> ReadAsync(HttpContext context, UsageReads reads, TimeProvider time)
    {
        if (Read(context, time).Failed(out var problem, out var asked) || CsvAnswer.IsWanted(context).Failed(out problem, out var csv))
        {
            return problem;
        }

        var (query, by) = asked;
        var (page, more) = await reads.GroupsAsync(query);
        var next = more ? UsageSpan.Cursor(page[^1]) : null;
        if (csv)
        {
            return CsvAnswer.Of(
                [.. by, "requests", "succeeded", "failed", "cancelled", "credits", "charged", "refunded", "seconds", "bytes"],
                page.Select(group => Row(query, group)),
                next);
        }

        var report = new UsageReport(
            WireTime.Text(UsageHours.Start(query.From)),
            WireTime.Text(UsageHours.Start(query.To)),
            by,
            Amounts(await reads.TotalAsync(query)),
            [.. page.Select(group => new Contracts.VicSee.UsageGroup(
                by.Select((name, index) => (name, Name(query.By[index], group.Keys[index]))).ToDictionary(StringComparer.Ordinal),
                Amounts(group)))])
        {
            NextCursor = next,
        };
        return Answer.Json(new Envelope<UsageReport>(report), UsageJson.Default.EnvelopeUsageReport);
    }

    private static Outcome<(UsageQuery Query, List<string> By)> Read(HttpContext context, TimeProvider time)
    {
        var query = context.Request.Query;
        var given = query["by"].ToString();
        var by = (given.Length == 0 ? "day" : given).Split(',', StringSplitOptions.TrimEntries).ToList();
        var tags = by.FindAll(name => name.StartsWith(TagPrefix, StringComparison.Ordinal));
        var tag = tags.Count == 0 ? null : tags[0][TagPrefix.Length..];
        if (by.Count > MaxKeys || by.Distinct().Count() < by.Count || tags.Count > 1 || (tag is not null && !Attribution.IsName(tag))
            || by.Exists(name => !tags.Contains(name) && !Words.Contains(name)))
        {
            return Problems.InvalidParameter.With("This server does not know usage by that.", "by", ShortText.Of(given), Allowed);
        }

        var words = by.ConvertAll(name => tags.Contains(name) ? UsageReads.TagWord : name);
        if (tag is not null && words.Find(word => !UsageReads.BesideTag.Contains(word)) is { } apart)
        {
            return Problems.InvalidParameter.With(
                $"Usage by a tag cannot be told apart by {apart}.",
                "by",
                ShortText.Of(given),
                "tag:<name> with model, outcome, day or hour");
        }

        if (UsageSpan.Read(query, time).Failed(out var problem, out var span)
            || UsageSpan.Limit(query, UsualLimit).Failed(out problem, out var limit)
            || UsageSpan.After(query, by.Count).Failed(out problem, out var after))
        {
            return problem;
        }

        var caller = context.Caller();
        return (
            new UsageQuery
            {
                AccountId = caller.AccountId,
                Mode = caller.Mode,
                From = span.From,
                To = span.To,
                By = words,
                Tag = tag,
                After = after,
                Limit = limit,
            },
            by);
    }

    // Days and hours are counted, and read as times.
    private static string Name(string dimension, string key) => dimension switch
    {
        "day" => UtcDay.Text(long.Parse(key, CultureInfo.InvariantCulture)),
        "hour" => WireTime.Text(UsageHours.Start(long.Parse(key, CultureInfo.InvariantCulture))),
        "outcome" when key.Length == 0 => "SUCCEEDED",
        _ => key,
    };

    private static IReadOnlyList<object> Row(UsageQuery query, Server.Usage.UsageGroup group)
    {
        var amounts = Amounts(group);
        return
        [
            .. group.Keys.Select((key, index) => Name(query.By[index], key)),
            amounts.Requests, amounts.Succeeded, amounts.Failed, amounts.Cancelled, amounts.Credits, amounts.Charged, amounts.Refunded,
            amounts.Seconds, amounts.Bytes,
        ];
    }

    private static UsageAmounts Amounts(Server.Usage.UsageGroup group)
    {
        var sum = group.Sum;
        return new UsageAmounts(
            sum.Tasks,
            group.Succeeded,
            group.Failed,
            group.Cancelled,
            sum.Charged - sum.Refunded,
            sum.Charged,
            sum.Refunded,
            sum.MediaMs / 1_000.0,
            sum.Bytes);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Envelope<UsageReport>))]
internal sealed partial class UsageJson : JsonSerializerContext;
