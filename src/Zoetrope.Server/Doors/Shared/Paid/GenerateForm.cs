using System.Text.Json;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Ledger;

namespace Zoetrope.Server.Doors.Shared.Paid;

/// <summary>The body of <c>/generate</c> and what is answered to it: as REST, and as the tools of the MCP door that generate.</summary>
internal static class GenerateForm
{
    public static readonly PaidForm Form = new(
        static body => Drafts.Of(GenerateBody.Read(body)),
        static order => new OrderFacts(order.Model.Id, order.Credits, order.Parameters),
        Created);

    /// <summary>What a request would cost and make, as every door says it.</summary>
    public static void WriteEstimate(Utf8JsonWriter writer, Order order, Balance balance, BudgetFacts? budget)
    {
        writer.WriteStartObject();
        writer.WriteString("model"u8, order.Model.Id);
        writer.WriteNumber("credits"u8, order.Credits);
        writer.WriteNumber("creditsAvailable"u8, balance.Available);
        writer.WriteBoolean("affordable"u8, balance.Available >= order.Credits && budget is null);
        if (budget is not null)
        {
            writer.WriteStartObject("budget"u8);
            writer.WriteString("id"u8, budget.Id);
            writer.WriteString("name"u8, budget.Name);
            writer.WriteNumber("limit"u8, budget.Limit);
            writer.WriteNumber("used"u8, budget.Used);
            writer.WriteNumber("held"u8, budget.Held);
            writer.WriteString("resetsAt"u8, budget.ResetsAt);
            writer.WriteEndObject();
        }

        writer.WritePropertyName("resolvedParams"u8);
        writer.WriteRawValue(order.Parameters, skipInputValidation: true);
        WriteOutput(writer, order.Output);
        writer.WriteEndObject();
    }

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

    /// <summary>The answer to a new task.</summary>
    private static void Created(Utf8JsonWriter writer, Committed made)
    {
        var order = made.Facts[0];
        writer.WriteStartObject();
        writer.WriteString("id"u8, made.Id);
        writer.WriteString("model"u8, order.Model);
        writer.WriteString("status"u8, StatusWords.Pending);
        writer.WriteNumber("creditsUsed"u8, made.CreditsUsed);
        writer.WriteNumber("creditsRemaining"u8, made.CreditsRemaining);
        writer.WriteTime("createdAt"u8, made.CreatedAt);
        writer.WritePropertyName("resolvedParams"u8);
        writer.WriteRawValue(order.Parameters!, skipInputValidation: true);
        writer.WriteEndObject();
    }
}
