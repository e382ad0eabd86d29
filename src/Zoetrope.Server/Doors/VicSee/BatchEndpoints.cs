using System.Text.Json;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Paid;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Batches;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>/api/v1/batches</c>: many requests that start together or not at all, and are read and cancelled together.</summary>
internal static class BatchEndpoints
{
    private const string Root = "/api/v1/batches";

    private const string Example =
        """
        {
          "requests": [
            {"model": "nano-banana-text-to-image", "prompt": "A red fox in snow"},
            {"model": "seedance-2-0-text-to-video", "prompt": "It runs", "options": {"duration": 5}}
          ]
        }
        """;

    public static IEndpointRouteBuilder MapBatchEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Root, CreateAsync)
            .RequireCaller(Scopes.Generate)
            .WithName("createBatch")
            .WithSummary("Start many generations together")
            .WithDescription(
                "Up to 1,000 bodies of `/generate`. All of them are checked, priced and held, or none: if one is "
                + "refused, so is the batch, and the error names it, as in `requests[3].options.duration`. Each request becomes "
                + "its own task; the event `batch.completed` is sent when the last one has ended.")
            .WithTags("Batches")
            .WithIdempotencyKey()
            .WithCreditConfirmation()
            .WithAttribution()
            .WithExample(Example)
            .Accepts<BatchRequest>("application/json")
            .Produces<Envelope<BatchState>>();
        routes.MapGet(Root + "/{id}", ReadAsync)
            .RequireCaller(Scopes.Read)
            .WithName("getBatch")
            .WithSummary("Read a batch with its items")
            .WithTags("Batches")
            .Produces<Envelope<BatchState>>();
        routes.MapGet(Root, ListAsync)
            .RequireCaller(Scopes.Read)
            .WithName("listBatches")
            .WithSummary("List batches, newest first, without their items")
            .WithQuery("limit", "integer", "1–100, 20 by default.")
            .WithQuery("cursor", "string", "`nextCursor` of the previous page.")
            .WithTags("Batches")
            .Produces<Envelope<BatchPage>>();
        routes.MapPost(Root + "/{id}/cancel", CancelAsync)
            .RequireCaller(Scopes.Generate)
            .WithoutBody()
            .WithName("cancelBatch")
            .WithSummary("Cancel the unfinished items of a batch")
            .WithDescription(
                "Waiting items end at once; running ones are asked to stop at their provider and end when it confirms. The "
                + "answer shows the batch as it is at that moment. Repeating the call is harmless, even after the batch has ended. A key "
                + "without the scope `read` is told the id and the status.")
            .WithTags("Batches")
            .Produces<Envelope<BatchState>>();
        return routes;
    }

    private static Task<Answer> CreateAsync(HttpContext context, PaidCall paid, GenerationOptions options) =>
        paid.AnswerAsync(context, new PaidForm(
        body => Read(body, options.BatchMaxRequests),
        static order => new OrderFacts(order.Model.Id, order.Credits),
        static (writer, made) => JsonSerializer.Serialize(writer, BatchJson.Created(made), BatchJson.Default.BatchState)));

    private static string Name(int index) => $"requests[{index}]";

    private static Outcome<Drafts> Read(JsonElement body, int limit)
    {
        string? webhookUrl = null;
        foreach (var property in body.EnumerateObject())
        {
            if (property.NameEquals(GenerateBody.WebhookField))
            {
                if (GenerateBody.ReadWebhook(property.Value, out webhookUrl) is { } malformed)
                {
                    return malformed;
                }
            }
            else if (!property.NameEquals("requests"))
            {
                return Problems.UnknownParameter.With(
                    $"Unknown field {property.Name}.", property.Name, allowed: "requests, webhookUrl");
            }
        }

        if (!body.TryGetProperty("requests", out var requests) || ValueReader.IsAbsent(requests))
        {
            return Problems.MissingParameter.With(
                "requests is required.", "requests", allowed: $"a list of 1 to {limit} bodies of /generate");
        }

        if (requests.ValueKind != JsonValueKind.Array || requests.GetArrayLength() is var count && (count < 1 || count > limit))
        {
            var given = requests.ValueKind == JsonValueKind.Array ? $"{requests.GetArrayLength()} requests" : Given.Of(requests);
            return Problems.InvalidParameter.With(
                $"requests must be a list of 1 to {limit} requests.", "requests", given, $"1 to {limit} bodies of /generate");
        }

        var drafts = new List<Draft>(requests.GetArrayLength());
        foreach (var request in requests.EnumerateArray())
        {
            if (request.ValueKind != JsonValueKind.Object)
            {
                return Problems.InvalidParameter.With(
                    "A request must be an object.", Name(drafts.Count), Given.Of(request), "a body of /generate");
            }

            if (GenerateBody.Read(request).Failed(out var problem, out var draft))
            {
                return problem with { Field = problem.Field is null ? Name(drafts.Count) : $"{Name(drafts.Count)}.{problem.Field}" };
            }

            drafts.Add(draft);
        }

        return new Drafts(drafts) { Name = Name, CountField = "requests", Batch = new NewBatch(webhookUrl) };
    }

    private static async Task<Answer> ReadAsync(HttpContext context, BatchReads batches, string id)
    {
        var caller = context.Caller();
        return Show(id, await batches.FindAsync(caller.AccountId, caller.Mode, id));
    }

    private static async Task<Answer> CancelAsync(HttpContext context, BatchReads batches, string id)
    {
        var caller = context.Caller();
        var items = await batches.CancelAsync(caller.AccountId, caller.Mode, id);
        return items is not null && Receipt.IsEnoughFor(caller)
            ? Answer.Json(JsonAnswer.Envelope(new Receipt(id, BatchJson.State(id, items).Status), Receipt.Write))
            : Show(id, items);
    }

    private static async Task<Answer> ListAsync(HttpContext context, BatchReads batches)
    {
        var query = context.Request.Query;
        string? Text(string name) => query.TryGetValue(name, out var value) ? value.ToString() : null;
        if (Paging.Read(Text("limit"), Text("cursor"), Ids.Batch).Failed(out var problem, out var paging))
        {
            return problem;
        }

        var caller = context.Caller();
        var found = await batches.ListAsync(caller.AccountId, caller.Mode, paging.After, paging.Limit + 1);
        var page = new BatchPage([.. found.Take(paging.Limit).Select(BatchJson.State)], paging.NextCursor(found, batch => batch.Id));
        return Answer.Json(new Envelope<BatchPage>(page), BatchJson.Default.EnvelopeBatchPage);
    }

    private static Answer Show(string id, IReadOnlyList<BatchRow>? items) => items is null
        ? Problems.BatchNotFound.With("No batch with this id exists in this account.", given: id)
        : Answer.Json(new Envelope<BatchState>(BatchJson.State(id, items)), BatchJson.Default.EnvelopeBatchState);
}
