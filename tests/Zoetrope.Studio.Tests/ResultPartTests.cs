using System.Globalization;
using System.Text.Json;
using Bunit;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.Create;
using Zoetrope.Studio.Results;

namespace Zoetrope.Studio.Tests;

/// <summary>What a result offers and tells.</summary>
public sealed class ResultPartTests : BunitContext
{
    public ResultPartTests() => CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("en");

    [Theory]
    [InlineData("A fox", """{"seed":7}""", "image", "Prompt Settings Seed Picture Everything")]
    [InlineData("A fox", """{"seed":null}""", "video", "Prompt Settings Everything")]
    [InlineData("", """{"upscale_factor":"2"}""", "image", "Settings Picture Everything")]
    [InlineData("A fox", "null", "", "Prompt Settings Everything")]
    public void Only_parts_that_are_there_can_be_used_again(string prompt, string settings, string type, string parts) => Assert.Equal(
        parts.Split(' '), Render<Recall>(with => with.Add(part => part.Task, Made(prompt, settings, type))).FindAll("a").Select(link => link.TextContent));

    [Theory]
    [InlineData("prompt", Recalled.Prompt)]
    [InlineData("Everything", Recalled.Everything)]
    [InlineData("picture", Recalled.Picture)]
    [InlineData("3", Recalled.None)]
    [InlineData("money", Recalled.None)]
    [InlineData(null, Recalled.None)]
    public void An_address_that_somebody_made_up_recalls_nothing(string? given, Recalled parts) => Assert.Equal(parts, RecallAddress.Read(given));

    [Fact]
    public void The_timeline_has_words_for_every_step_and_the_seconds_between()
    {
        string[] steps = ["made", "held", "sent", "refused", "unknown", "ready", "stored", "failed", "cancelled", "settled", "released", "refunded"];
        var list = Render<Timeline>(with => with.Add(part => part.Steps, [
            .. steps.Select((step, number) => new TaskStep(step, "2026-03-01T12:00:00.000Z", number * 1.5) { Provider = step == "sent" ? "fal" : null, Credits = step == "held" ? 1_200 : null }),
        ])).FindAll("li");

        Assert.Equal(steps.Length, list.Count);
        Assert.DoesNotContain(list, line => steps.Contains(line.QuerySelector("span")!.TextContent.Trim()));
        Assert.Contains("1,200", list[1].TextContent, StringComparison.Ordinal);
        Assert.Contains("fal", list[2].TextContent, StringComparison.Ordinal);
        Assert.Equal(["", "+1.5 s", "+3.0 s"], list.Take(3).Select(line => line.QuerySelector("small")!.TextContent));
    }

    private static TaskState Made(string prompt, string settings, string type) => new()
    {
        Id = "task_1",
        Model = "a",
        Status = "completed",
        MediaType = type,
        Prompt = prompt,
        CreatedAt = "2026-03-01T12:00:00.000Z",
        Result = type.Length == 0 ? null : new TaskFile
        {
            Url = "/files/a", Type = type, ContentType = "image/png", Bytes = 1, Sha256 = "", ExpiresAt = "2026-03-02T12:00:00.000Z", Provenance = "none",
        },
        Error = null,
        Progress = 100,
        Mode = "test",
        Provider = "sandbox",
        CreditsUsed = 5,
        ResolvedParams = JsonDocument.Parse(settings).RootElement,
        Timings = new TaskTimings(null, null, null, 0, null),
    };
}
