using System.Globalization;
using System.Text;
using System.Text.Json;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Doors.Shared.Paid;

/// <summary>The bodies of the upscale endpoints and what is answered to them: as REST, and as the tools of the MCP door.</summary>
internal static class UpscaleForm
{
    /// <summary>What the endpoints and tools run.</summary>
    public const string ImageModel = "topaz-image-upscale";
    public const string VideoModel = "topaz-video-upscale";

    private static readonly string[] OwnFields = [GenerateBody.WebhookField, Attribution.TagsField, Attribution.UserField];

    public static readonly PaidForm Image = Form(ImageModel);
    public static readonly PaidForm Video = Form(VideoModel);

    // An echo, not a delivery: nobody wants their data URI back.
    private const int MaxEcho = 200;

    private static PaidForm Form(string model) => new(
        body => new Drafts([Draft(body, model)]),
        static order => new OrderFacts(order.Model.Id, order.Credits, Input: Input(order)),
        Write);

    private static Draft Draft(JsonElement body, string model)
    {
        string? webhookUrl = null;
        var attribution = Attribution.None;
        var malformed = body.TryGetProperty(GenerateBody.WebhookField, out var url) ? GenerateBody.ReadWebhook(url, out webhookUrl) : null;
        malformed ??= Attribution.Read(body).Failed(out var misread, out attribution) ? misread : null;
        return new Draft
        {
            Model = model,
            OwnFields = OwnFields,
            Attribution = attribution ?? Attribution.None,
            Fields = [.. body.EnumerateObject()
                .Where(property => !OwnFields.Contains(property.Name))
                .Select(property => new DraftField(property.Name, property.Name, property.Value))],
            WebhookUrl = webhookUrl,
            Malformed = malformed,
        };
    }

    private static void Write(Utf8JsonWriter writer, Committed made)
    {
        var order = made.Facts[0];
        writer.WriteStartObject();
        writer.WriteString("id"u8, made.Id);
        writer.WriteString("model"u8, order.Model);
        writer.WriteString("status"u8, StatusWords.Pending);
        writer.WritePropertyName("input"u8);
        writer.WriteRawValue(order.Input!, skipInputValidation: true);
        writer.WriteNumber("creditsUsed"u8, made.CreditsUsed);
        writer.WriteNumber("creditsRemaining"u8, made.CreditsRemaining);
        writer.WriteTime("createdAt"u8, made.CreatedAt);
        writer.WriteEndObject();
    }

    private static string Input(Order order) => Encoding.UTF8.GetString(JsonAnswer.Bare(order, static (writer, order) =>
    {
        var file = order.Inputs[0];
        using var parameters = JsonDocument.Parse(order.Parameters);
        writer.WriteStartObject();
        writer.WriteString(file.Reference.Parameter, ShortText.Of(file.Reference.Reference, MaxEcho));
        writer.WriteString("upscale_factor"u8, parameters.RootElement.GetProperty("upscale_factor").GetString());
        if (order.Model.MediaType is MediaType.Image)
        {
            writer.WriteString("detected_dimensions"u8, $"{file.Probe.Width}×{file.Probe.Height}");
            writer.WriteString("output_tier"u8, FrameSize.Tier(order.Output.Width, order.Output.Height));
        }
        else
        {
            var seconds = file.Probe.DurationSeconds ?? 0;
            writer.WriteString("detected_duration"u8, string.Create(CultureInfo.InvariantCulture, $"{seconds:0.##}s"));
        }

        if (order.Rate is { } rate)
        {
            writer.WriteNumber("billed_seconds"u8, rate.Seconds);
            writer.WriteNumber("credits_per_second"u8, rate.Credits);
        }

        writer.WriteEndObject();
    }));
}
