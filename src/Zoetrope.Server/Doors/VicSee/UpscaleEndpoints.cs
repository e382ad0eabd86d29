using System.Globalization;
using System.Text.Json;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>POST /api/v1/tools/upscale-image</c> and <c>upscale-video</c>: the upscale models with a body of their own.</summary>
internal static class UpscaleEndpoints
{
    public const string ImageModel = "topaz-image-upscale";
    public const string VideoModel = "topaz-video-upscale";

    // An echo, not a delivery: nobody wants their data URI back.
    private const int MaxEcho = 200;

    public static IEndpointRouteBuilder MapUpscaleEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/tools/upscale-image", (Delegate)((HttpContext context) => RunAsync(context, ImageModel)))
            .RequireCaller(Scopes.Generate)
            .WithName("upscaleImage")
            .WithSummary("Upscale an image")
            .WithDescription("`{image_url, upscale_factor?: \"1\"|\"2\"|\"4\"}`. Priced by output megapixels: to 24, 48 and 96.")
            .WithTags("Generate")
            .WithIdempotencyKey()
            .WithCreditConfirmation()
            .Accepts<UpscaleImageRequest>("application/json")
            .Produces<Envelope<UpscaleCreated>>();
        routes.MapPost("/api/v1/tools/upscale-video", (Delegate)((HttpContext context) => RunAsync(context, VideoModel)))
            .RequireCaller(Scopes.Generate)
            .WithName("upscaleVideo")
            .WithSummary("Upscale a video of at most 60 s")
            .WithDescription("`{video_url, upscale_factor?: \"1\"|\"2\"|\"4\"}`. Priced by started second of the input.")
            .WithTags("Generate")
            .WithIdempotencyKey()
            .WithCreditConfirmation()
            .Accepts<UpscaleVideoRequest>("application/json")
            .Produces<Envelope<UpscaleCreated>>();
        return routes;
    }

    private static Task RunAsync(HttpContext context, string model) =>
        context.RequestServices.GetRequiredService<CostingCall>().RunAsync(context, body => Draft(body, model), Answer);

    public static Outcome<RequestDraft> Draft(JsonElement body, string model)
    {
        string? webhookUrl = null;
        var malformed = body.TryGetProperty(GenerateBody.WebhookField, out var url) ? GenerateBody.ReadWebhook(url, out webhookUrl) : null;
        return new RequestDraft
        {
            Model = model,
            Fields = [.. body.EnumerateObject().Where(property => !property.NameEquals(GenerateBody.WebhookField)).Select(property => new DraftField(property.Name, property.Name, property.Value))],
            WebhookUrl = webhookUrl,
            Malformed = malformed,
        };
    }

    public static byte[] Answer(Submission submission, AdmittedRequest admitted) =>
        JsonAnswer.Envelope((submission, admitted), static (writer, state) =>
        {
            var model = state.admitted.Priced.Request.Model.Id;
            writer.WriteStartObject();
            writer.WriteString("id"u8, state.submission.Id);
            writer.WriteString("model"u8, model);
            writer.WriteString("status"u8, "pending"u8);
            WriteInput(writer, state.admitted, model == ImageModel);
            writer.WriteNumber("creditsUsed"u8, state.submission.CreditsUsed);
            writer.WriteNumber("creditsRemaining"u8, state.submission.CreditsRemaining);
            writer.WriteTime("createdAt"u8, state.submission.CreatedAt);
            writer.WriteEndObject();
        });

    private static void WriteInput(Utf8JsonWriter writer, AdmittedRequest admitted, bool image)
    {
        var file = admitted.Files[0];
        var output = admitted.Priced.Output;
        using var parameters = JsonDocument.Parse(admitted.Priced.Request.Parameters);
        writer.WriteStartObject("input"u8);
        writer.WriteString(image ? "image_url"u8 : "video_url"u8, Shorten(file.Reference.Reference));
        writer.WriteString("upscale_factor"u8, parameters.RootElement.GetProperty("upscale_factor").GetString());
        if (image)
        {
            writer.WriteString("detected_dimensions"u8, $"{file.Probe.Width}×{file.Probe.Height}");
            writer.WriteString("output_tier"u8, Math.Max(output.Width, output.Height) switch { <= 2_048 => "hd", <= 5_120 => "4k", _ => "8k" });
        }
        else
        {
            var seconds = file.Probe.DurationSeconds ?? 0;
            var billed = Math.Max(1, (PriceRule.Milliseconds(seconds) + 999) / 1_000);
            writer.WriteString("detected_duration"u8, string.Create(CultureInfo.InvariantCulture, $"{seconds:0.##}s"));
            writer.WriteNumber("billed_seconds"u8, billed);
            writer.WriteNumber("credits_per_second"u8, admitted.Priced.Credits / billed);
        }

        writer.WriteEndObject();
    }

    private static string Shorten(string text) => text.Length <= MaxEcho ? text : string.Concat(text.AsSpan(0, MaxEcho), "…");
}
