using Spectre.Console;
using Zoetrope.Tables;

namespace Zoetrope.Tests.Hosting;

/// <summary>Lists of both command lines at the widths of real terminals.</summary>
public sealed class ListTableTests
{
    private const string Task = "task_01m82yymcq0000mb5cvqtr0c65";
    private const string Longest = "kling-3-0-first-last-frame-to-video";
    private const string Prompt = "A red fox [runs] through deep snow at sunset, 走る狐 🦊, while the camera slowly follows it from behind";

    [Theory]
    [InlineData(60, 2)]
    [InlineData(80, 2)]
    [InlineData(100, 2)]
    [InlineData(132, 1)]
    [InlineData(240, 1)]
    public void A_task_has_at_most_two_lines_and_its_id_and_state_are_whole(int width, int most)
    {
        var table = new ListTable("TASK", "STATUS", "MODEL", "CREDITS", "CREATED", "PROMPT").Cutting("PROMPT");
        table.AddRow(Task, "[green]completed[/]", Longest, "1072", "2026-11-23 01:04", Markup.Escape(Prompt));
        table.AddRow(Task, "processing", "nano-banana-text-to-image", "4", "2026-11-23 01:04", "A fox");
        var lines = Lines(table, width);

        Assert.Equal(most * 3, lines.Count);
        Assert.All(lines, line => Assert.InRange(new Spectre.Console.Rendering.Segment(line).CellCount(), 1, width));
        Assert.Equal(2, lines.Count(line => line.StartsWith(Task, StringComparison.Ordinal)));
        Assert.All(["completed", "processing", Longest, "2026-11-23 01:04", "1072", "TASK", "STATUS"], text => Assert.Contains(lines, line => line.Contains(text, StringComparison.Ordinal)));
        Assert.All(lines, line => Assert.Equal(line.TrimEnd(), line));
        Assert.Equal(width >= 240, lines.Any(line => line.EndsWith("from behind", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(132)]
    public void Everything_that_is_not_cut_is_whole_at_every_width(int width)
    {
        var keys = new ListTable("ID", "ACCOUNT", "MODE", "KEY", "SCOPES", "STATE", "NAME").Cutting("NAME");
        string[] key = ["key_01m82yymcq0000mb5cvqtr0c65", "acct_01m82yymcq0000mb5cvqtr0c65", "live", "sk-live-abcd…", "generate,read", "until 2030-01-31T00:00:00.000Z"];
        keys.AddRow([.. key, "the web shop of the north"]);
        var batches = new ListTable("BATCH", "STATUS", "TASKS", "DONE", "FAILED", "CREDITS", "CREATED");
        string[] batch = ["batch_01m82yymcq0000mb5cvqtr0c65", "processing", "1000", "999", "1", "84000", "2026-11-23T01:00:00.000Z"];
        batches.AddRow(batch);

        foreach (var (table, cells) in new[] { (keys, key), (batches, batch) })
        {
            var lines = Lines(table, width);
            Assert.All(lines, line => Assert.InRange(line.Length, 1, width));
            Assert.All(cells, cell => Assert.Contains(lines, line => line.Contains(cell, StringComparison.Ordinal)));
            Assert.InRange(lines.Count, 2, width < 80 ? 8 : 6);
        }
    }

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(132)]
    public void Explanations_go_on_below_themselves_and_lose_nothing(int width)
    {
        const string Detail = "set FAL_KEY, or Zoetrope__Providers__fal__ApiKey, or " + "name_without_any_space_that_is_longer_than_most_terminals_are_wide_and_still_has_to_be_readable_somehow";
        var table = new ListTable("PROVIDER", "CONFIGURED BY", "KEY", "CHECK", "MODELS", "DETAIL").Wrapping("DETAIL");
        table.AddRow("fal", "FAL_KEY", "sha256:0123456789ab", "proven", "41", Detail);
        var lines = Lines(table, width);

        Assert.All(lines, line => Assert.InRange(line.Length, 1, width));
        Assert.Contains(Detail.Replace(" ", "", StringComparison.Ordinal), string.Concat(lines.SelectMany(line => line.Where(c => c != ' '))), StringComparison.Ordinal);
    }

    [Fact]
    public void Markup_of_a_text_is_text()
    {
        var table = new ListTable("NAME").Cutting("NAME");
        table.AddRow(Markup.Escape("[red]x[/] and more than fits into this line"));

        Assert.Equal("[red]x[/] and…", Lines(table, 14)[1]);
    }

    private static List<string> Lines(ListTable table, int width)
    {
        using var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        console.Profile.Width = width;
        console.Write(table);
        return [.. writer.ToString().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n')];
    }
}
