using System.Globalization;
using System.Text.Json;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.Create;
using Zoetrope.Studio.Parts;
using Zoetrope.Studio.State;

namespace Zoetrope.Studio.Tests;

/// <summary>Parts by themselves: what they say at which moment.</summary>
public sealed class PartTests : BunitContext
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.Parse("2026-03-01T12:00:00Z", CultureInfo.InvariantCulture));

    public PartTests()
    {
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("en");
        Services.AddSingleton<TimeProvider>(_clock);
    }

    [Theory]
    [InlineData(null, 3, 0, "Number 3 in line")]
    [InlineData(null, null, 0, "Starts in a moment")]
    [InlineData("2026-03-01T12:00:00Z", null, 10, "About 50 s left")]
    [InlineData("2026-03-01T12:00:00Z", null, 58, "A few more moments")]
    [InlineData("2026-03-01T12:00:00Z", null, 70, "A few more moments")]
    [InlineData("2026-03-01T12:00:00Z", null, 95, "Longer than usual, still running")]
    public void A_running_tile_says_how_long_it_takes_and_that_the_page_can_be_closed(string? started, int? place, int seconds, string words)
    {
        var tile = Render<RunningTile>(with => with
            .Add(part => part.Task, Running(started, place)).Add(part => part.Typical, 60).Add(part => part.Name, "Veo 3.1"));
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        tile.Render();

        Assert.Equal(words, tile.Find("b").TextContent);
        Assert.Contains("you can close this page", tile.Find("p").TextContent, StringComparison.Ordinal);
        Assert.InRange(int.Parse(tile.Find("progress").GetAttribute("value")!, CultureInfo.InvariantCulture), 0, 97);
    }

    [Fact]
    public void Its_bar_never_goes_back()
    {
        var tile = Render<RunningTile>(with => with.Add(part => part.Task, Running("2026-03-01T12:00:00Z", null) with { Progress = 80 }).Add(part => part.Typical, 60));
        tile.Render(with => with.Add(part => part.Task, Running("2026-03-01T12:00:00Z", null) with { Progress = 10 }));

        Assert.Equal("80", tile.Find("progress").GetAttribute("value"));
    }

    [Theory]
    [InlineData("CONTENT_REFUSED", "The model refused this prompt")]
    [InlineData("SOMETHING_NEW", "It was not made")]
    public void A_failure_says_what_it_cost(string code, string title)
    {
        var failed = Render<Failed>(with => with.Add(part => part.Task, Running(null, null) with { Status = "failed", Error = new TaskError(code, code, "The server’s words.", false) }));

        Assert.Equal(title, failed.Find(".head").TextContent);
        Assert.Contains("You paid nothing", failed.Find(".paid").TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "1 credit")]
    [InlineData(9412, "9,412 credits")]
    public void Money_is_grouped(long credits, string words) => Assert.Equal(words, Render<Money>(with => with.Add(part => part.Credits, credits)).Find("span").TextContent);

    [Theory]
    [InlineData("http://127.0.0.1:8080/files/art_1/output.png?exp=1&sig=x", "/files/art_1/output.png?exp=1&sig=x")]
    [InlineData("https://media.example.com/uploads/upl_1", "/uploads/upl_1")]
    [InlineData("https://elsewhere.example/picture.png", "https://elsewhere.example/picture.png")]
    [InlineData("blob:http://localhost/1", "blob:http://localhost/1")]
    public void Files_are_loaded_from_where_the_page_came_from(string url, string here) => Assert.Equal(here, Media.Here(url));

    private static TaskState Running(string? started, int? place) => new()
    {
        Id = "task_1",
        Model = "veo-3-1-text-to-video",
        Status = "processing",
        MediaType = "video",
        Prompt = "A fox",
        CreatedAt = "2026-03-01T12:00:00Z",
        Result = null,
        Error = null,
        Progress = 0,
        QueuePosition = place,
        Mode = "test",
        Provider = "sandbox",
        CreditsUsed = 50,
        ResolvedParams = JsonSerializer.SerializeToElement(new { duration = 8 }),
        Timings = new TaskTimings(started, null, null, 0, null),
    };
}
