using System.Text.Json;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>POST /api/v1/generate</c>, and <c>/estimate</c> which says what it would cost.</summary>
internal static class GenerateEndpoints
{
    private const string Example =
        """
        {"model": "seedance-2-0-text-to-video", "prompt": "A red fox runs through snow at sunset", "options": {"duration": 10, "aspectRatio": "16:9"}}
        """;

    public static IEndpointRouteBuilder MapGenerateEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/generate", (Delegate)GenerateAsync)
            .RequireCaller(Scopes.Generate)
            .WithName("generate")
            .WithSummary("Start a generation")
            .WithDescription("Accepts `{model, input:{…}}`, the older `{model, prompt, options:{…}}` and mixtures. The credits are held at once, charged when the task completes and returned in full when it fails. Send an `Idempotency-Key` so that a retry cannot start a second task.")
            .WithTags("Generate")
            .WithIdempotencyKey()
            .WithCreditConfirmation()
            .WithExample(Example)
            .Accepts<GenerateRequest>("application/json")
            .Produces<Envelope<TaskCreated>>();
        routes.MapPost("/api/v1/estimate", (Delegate)EstimateAsync)
            .RequireCaller(Scopes.Generate)
            .WithName("estimate")
            .WithSummary("Price a request without starting it")
            .WithDescription("The same body as `/generate`; answers the exact price, the resolved parameters and the shape of the result. Charges nothing and counts toward no limit.")
            .WithTags("Generate")
            .WithExample(Example)
            .Accepts<GenerateRequest>("application/json")
            .Produces<Envelope<Estimate>>();
        return routes;
    }

    private static Task GenerateAsync(HttpContext context) =>
        context.RequestServices.GetRequiredService<CostingCall>().RunAsync(
            context,
            static body => GenerateBody.Read(body),
            static (submission, admitted) => TaskWriter.Created(submission, admitted.Priced.Request.Model.Id, admitted.Priced.Request.Parameters));

    private static async Task EstimateAsync(HttpContext context)
    {
        var answer = await PriceAsync(context);
        if (answer.Failed(out var problem))
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        await JsonAnswer.WriteAsync(context, answer.Value);
    }

    private static async Task<Outcome<byte[]>> PriceAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var reading = await JsonBody.ReadAsync(context);
        if (reading.Failed(out var problem))
        {
            return problem;
        }

        using var body = reading.Value;
        var drafting = GenerateBody.Read(body.RootElement);
        if (drafting.Failed(out problem))
        {
            return problem;
        }

        var caller = context.Caller();
        var admitting = await services.GetRequiredService<SubmitGeneration>().AdmitAsync(caller, drafting.Value, context.RequestAborted);
        if (admitting.Failed(out problem))
        {
            return problem;
        }

        var priced = admitting.Value.Priced;
        var balance = await services.GetRequiredService<Database>().ReadAsync(async session => await CreditLedger.BalanceAsync(session, caller.AccountId, caller.Mode));
        return Estimate(priced, balance);
    }

    /// <summary>What a request would cost and make, as every door tells it.</summary>
    public static byte[] Estimate(PricedRequest priced, Balance balance) =>
        JsonAnswer.Envelope((priced, balance), static (writer, state) =>
        {
            writer.WriteStartObject();
            writer.WriteString("model"u8, state.priced.Request.Model.Id);
            writer.WriteNumber("credits"u8, state.priced.Credits);
            writer.WriteNumber("creditsAvailable"u8, state.balance.Available);
            writer.WriteBoolean("affordable"u8, state.balance.Available >= state.priced.Credits);
            writer.WritePropertyName("resolvedParams"u8);
            writer.WriteRawValue(state.priced.Request.Parameters.Span, skipInputValidation: true);
            WriteOutput(writer, state.priced.Output);
            writer.WriteEndObject();
        });

    private static void WriteOutput(Utf8JsonWriter writer, OutputSpec output)
    {
        writer.WriteStartObject("output"u8);
        writer.WriteString("type"u8, output.Media.Word());
        writer.WriteString("format"u8, output.Format);
        writer.WriteNumber("width"u8, output.Width);
        writer.WriteNumber("height"u8, output.Height);
        if (output.Media is MediaType.Video)
        {
            writer.WriteNumber("duration"u8, output.DurationSeconds);
            writer.WriteNumber("fps"u8, output.FramesPerSecond);
            writer.WriteBoolean("audio"u8, output.Audio);
        }

        writer.WriteEndObject();
    }
}
