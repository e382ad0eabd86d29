using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Zoetrope.Contracts.Admin;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Operator;

namespace Zoetrope.Server.Doors.Admin;

/// <summary>What an operator looks up: an id of any kind, tasks, an account's ledger and usage.</summary>
internal static class SearchEndpoints
{
    private const int LongestId = 2_000;
    private const int MaxReason = 255;
    private const string Page = "1–100, 20 by default.";
    private const string Cursor = "`nextCursor` of the previous page.";

    private static readonly string[] Kinds = ["grant", "hold", "settle", "release", "refund", "adjust", "suspend", "unsuspend"];

    public static void MapSearch(this RouteGroupBuilder admin)
    {
        admin.MapGet("/find", FindAsync)
            .WithSummary("Find everything about an id")
            .WithDescription(
                "Takes the id of a request (`X-Request-Id`), a trace, a task, a batch or an attempt, or a provider's id of a job or request. "
                + "Answers the tasks that it leads to, each with its attempts and the providers' ids, events, ledger entries and webhooks, "
                + "and the lines of the log about them.")
            .WithQuery("id", "string", "The id.")
            .Produces<Envelope<AdminFound>>();
        admin.MapGet("/tasks", ListAsync)
            .WithSummary("List tasks of all accounts, newest first")
            .WithDescription(
                "Without `accountId`, tasks are found as far back as the event log goes (`Retention:EventDays`). A page may be short "
                + "although there is a next one.")
            .WithQuery("accountId", "string", "Only tasks of this account.")
            .WithQuery("mode", "string", "test or live.")
            .WithQuery("status", "string", "pending, processing, completed, failed or cancelled.")
            .WithQuery("provider", "string", "Only tasks whose provider this is.")
            .WithQuery("model", "string", "Only tasks of this model id.")
            .WithQuery("errorCode", "string", "Only tasks that failed with this code, such as PROVIDER_UNAVAILABLE.")
            .WithQuery("from", "string", "Made at this time or later: ISO 8601.")
            .WithQuery("to", "string", "Made before this time: ISO 8601.")
            .WithQuery("limit", "integer", Page)
            .WithQuery("cursor", "string", Cursor)
            .Produces<Envelope<AdminTaskPage>>();
        admin.MapGet("/tasks/{taskId}", ReadAsync)
            .WithSummary("Read a task with all that is known of it")
            .Produces<Envelope<AdminTaskRecord>>();
        admin.MapPost("/tasks/{taskId}/reveal", RevealAsync)
            .WithSummary("Read the words of a task")
            .WithDescription(
                "The prompt and the parameters, which no other operator's answer has. The account's audit log says that you read them, and why.")
            .WithExample("""{"reason":"the customer asked why it was refused"}""")
            .Produces<Envelope<AdminRevealedTask>>();
        admin.MapGet("/accounts/{accountId}/ledger", LedgerAsync)
            .WithSummary("List an account's ledger, newest first")
            .WithQuery("mode", "string", "test or live.")
            .WithQuery("kind", "string", $"One of {string.Join(", ", Kinds)}.")
            .WithQuery("limit", "integer", Page)
            .WithQuery("cursor", "string", Cursor)
            .Produces<Envelope<AdminLedgerPage>>();
        admin.MapGet("/accounts/{accountId}/usage", UsageAsync)
            .WithSummary("Read what an account ordered, day by day")
            .WithQuery("days", "integer", $"How many UTC days, today included: 1–{AccountBooks.MaxDays}, 30 by default.")
            .Produces<Envelope<AdminUsage>>();
    }

    // The query is read by hand, so that the description says of each of its names what it is, once.
    private static async Task<Answer> FindAsync(
        HttpContext context, TaskSearch search, Journal journal, CancellationToken cancellationToken)
    {
        string? id = context.Request.Query["id"];
        if (id is not { Length: > 0 and <= LongestId })
        {
            return Problems.MissingParameter.With("id is required: the id of a request, a task, or a provider's.", "id");
        }

        return AdminEndpoints.Ok(await SearchWire.FindAsync(search, journal, id, cancellationToken));
    }

    private static async Task<Answer> ReadAsync(TaskSearch search, [FromServices] TaskTimeline timeline, string taskId) =>
        Ids.IsValid(Ids.Generation, taskId) && await search.FindAsync(taskId) is [var task, ..]
            ? AdminEndpoints.Ok(SearchWire.Wire(task) with
            {
                Timeline = [.. (await timeline.ReadAsync(task.Task.AccountId, taskId, forOperator: true)).Select(SearchWire.Wire)],
            })
            : Problems.TaskNotFound.With("No task with this id exists.", "taskId", taskId);

    private static Task<Answer> RevealAsync(
        HttpContext context, Reveals reveals, string taskId) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var reason = fields.Text("reason", MaxReason, required: true);
        context.Response.Headers.CacheControl = "no-store";
        return fields.Problem() is { } problem
            ? problem
            : AdminEndpoints.Wire(
                await reveals.RunAsync(context.Actor(), taskId, reason!),
                words => new AdminRevealedTask(taskId, words.AccountId, words.Prompt, JsonDocument.Parse(words.Parameters).RootElement));
    });

    private static async Task<Answer> ListAsync(HttpContext context, TaskSearch search)
    {
        var query = context.Request.Query;
        if (Paging.Read(query["limit"], query["cursor"], Ids.Generation).Failed(out var problem, out var page)
            || Filter(name => query[name]).Failed(out problem, out var filter))
        {
            return problem;
        }

        var (tasks, next) = await search.ListAsync(filter, page.Limit, page.After);
        return AdminEndpoints.Ok(new AdminTaskPage([.. tasks.Select(SearchWire.Wire)], next));
    }

    /// <summary>A filter by the words of the query, or of the command line.</summary>
    public static Outcome<TaskFilter> Filter(Func<string, string?> read)
    {
        if (OneOf("mode", read("mode"), AdminWire.Modes) is { } mode)
        {
            return mode;
        }

        if (OneOf("status", read("status"), StatusWords.All) is { } status)
        {
            return status;
        }

        if (read("errorCode") is { } code && Problems.Find(code) is not { Status: 0 })
        {
            var codes = string.Join(", ", Problems.All.Where(kind => kind.Status == 0).Select(kind => kind.Code));
            return Problems.InvalidParameter.With("errorCode must be a code with which a task can fail.", "errorCode", code, codes);
        }

        if (QueryTime.Read("from", read("from")).Failed(out var problem, out var from) || QueryTime.Read("to", read("to")).Failed(out problem, out var to))
        {
            return problem;
        }

        return new TaskFilter
        {
            AccountId = read("accountId"),
            Mode = read("mode") is { } word ? AdminWire.Mode(word) : null,
            Status = read("status") is { } state ? StatusWords.RowOf(state) : null,
            Provider = read("provider"),
            Model = read("model"),
            ErrorCode = read("errorCode"),
            From = from,
            To = to,
        };
    }

    private static async Task<Answer> LedgerAsync(HttpContext context, AccountBooks books, string accountId)
    {
        var query = context.Request.Query;
        string? mode = query["mode"];
        string? kind = query["kind"];
        if (Paging.Read(query["limit"], query["cursor"], Ids.Transfer).Failed(out var problem, out var page))
        {
            return problem;
        }

        if ((OneOf("mode", mode, AdminWire.Modes) ?? OneOf("kind", kind, Kinds)) is { } wrong)
        {
            return wrong;
        }

        var reading = await books.LedgerAsync(
            accountId, mode is null ? null : AdminWire.Mode(mode), kind, page.Limit + 1, page.After);
        return AdminEndpoints.Wire(reading, rows => new AdminLedgerPage(
            [.. rows.Take(page.Limit).Select(SearchWire.Wire)], page.NextCursor(rows, row => row.Id)));
    }

    private static async Task<Answer> UsageAsync(HttpContext context, AccountBooks books, string accountId)
    {
        string? days = context.Request.Query["days"];
        var count = 30;
        if (days is not null
            && (!int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count is < 1 or > AccountBooks.MaxDays))
        {
            return Problems.InvalidParameter.With(
                $"days must be a whole number from 1 to {AccountBooks.MaxDays}.", "days", days, $"1..{AccountBooks.MaxDays}");
        }

        return AdminEndpoints.Wire(
            await books.UsageAsync(accountId, count), rows => new AdminUsage([.. rows.Select(SearchWire.Wire)]));
    }

    private static Problem? OneOf(string name, string? value, IReadOnlyList<string> allowed) =>
        value is null || allowed.Contains(value, StringComparer.Ordinal)
            ? null
            : Problems.InvalidParameter.With(
                $"{name} must be one of {string.Join(", ", allowed)}.", name, value, string.Join(", ", allowed));
}
