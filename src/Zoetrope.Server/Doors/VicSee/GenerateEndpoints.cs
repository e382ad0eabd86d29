using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Paid;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>POST /api/v1/generate</c>, and <c>/estimate</c> which says what it would cost.</summary>
internal static class GenerateEndpoints
{
    private const string Example =
        """
        {
          "model": "seedance-2-0-text-to-video",
          "prompt": "A red fox runs through snow at sunset",
          "options": {"duration": 10, "aspectRatio": "16:9"}
        }
        """;

    public static IEndpointRouteBuilder MapGenerateEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/generate", GenerateAsync)
            .RequireCaller(Scopes.Generate)
            .WithName("generate")
            .WithSummary("Start a generation")
            .WithDescription(
                "Accepts `{model, input:{…}}`, the older `{model, prompt, options:{…}}` and a mix of both. The credits are held "
                + "at once, charged when the task completes and returned in full when it fails. Send an `Idempotency-Key` so that a "
                + "retry cannot start a second task.")
            .WithTags("Generate")
            .WithIdempotencyKey()
            .WithCreditConfirmation()
            .WithAttribution()
            .WithExample(Example)
            .Accepts<GenerateRequest>("application/json")
            .Produces<Envelope<TaskCreated>>();
        routes.MapPost("/api/v1/estimate", EstimateAsync)
            .RequireCaller(Scopes.Generate)
            .WithName("estimate")
            .WithSummary("Price a request without starting it")
            .WithDescription(
                "Accepts the same body as `/generate` and returns the exact price, the resolved parameters and the shape of the "
                + "result, and the budget that has no room for it, if one has none. Charges nothing. An estimate with input files counts "
                + "toward the key's requests per minute, because they are "
                + "fetched and checked; one without files counts toward no limit.")
            .WithTags("Generate")
            .WithAttribution()
            .WithExample(Example)
            .Accepts<GenerateRequest>("application/json")
            .Produces<Envelope<Estimate>>();
        return routes;
    }

    private static Task<Answer> GenerateAsync(HttpContext context, PaidCall paid) => paid.AnswerAsync(context, GenerateForm.Form);

    private static async Task<Answer> EstimateAsync(HttpContext context, Estimates estimates)
    {
        if ((await JsonBody.ReadAsync(context)).Failed(out var problem, out var body))
        {
            return problem;
        }

        using (body)
        {
            return GenerateBody.Read(body.RootElement).Failed(out problem, out var draft)
                || (await estimates.PriceAsync(context, draft, context.RequestAborted)).Failed(out problem, out var priced)
                    ? problem
                    : Answer.Json(JsonAnswer.Envelope(priced, Estimates.Write));
        }
    }
}
