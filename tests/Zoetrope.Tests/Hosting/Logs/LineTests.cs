using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Time.Testing;
using Zoetrope.Server;
using Zoetrope.Server.Hosting.Logs;

namespace Zoetrope.Tests.Hosting.Logs;

public sealed class LineTests
{
    private static readonly FakeTimeProvider Time = new(new DateTimeOffset(2026, 11, 30, 9, 14, 9, 123, TimeSpan.Zero));

    [Fact]
    public async Task A_line_of_text_has_a_date_and_whose_request_and_task_it_is()
    {
        Assert.Equal("2026-11-30T09:14:09.123Z info Part: two lines\n", await WriteAsync(new LineFormatter(Time), null));
        Assert.Equal("2026-11-30T09:14:09.123Z info Part: two lines [request=r-1]\n", await WriteAsync(new LineFormatter(Time), new Trail("r-1", null)));
        Assert.Equal(
            "2026-11-30T09:14:09.123Z info Part: two lines [request=r-1 trace=t task=task_1]\n",
            await WriteAsync(new LineFormatter(Time), new Trail("r-1", "t") { TaskId = "task_1" }));
    }

    [Fact]
    public async Task A_line_of_json_has_time_zone_and_whose_request_and_task_it_is()
    {
        using var json = JsonDocument.Parse(await WriteAsync(new JsonLineFormatter(Time), new Trail("r-1", null) { TaskId = "task_1" }));
        var line = json.RootElement;

        Assert.Equal("2026-11-30T09:14:09.123Z", line.GetProperty("time").GetString());
        Assert.Equal(("info", "A.Part", "two\nlines"), (line.GetProperty("level").GetString(), line.GetProperty("category").GetString(), line.GetProperty("message").GetString()));
        Assert.Equal(("r-1", "task_1"), (line.GetProperty("requestId").GetString(), line.GetProperty("taskId").GetString()));
        Assert.False(line.TryGetProperty("traceId", out _));
    }

    [Theory]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "4bf92f3577b34da6a3ce929d0e0e4736")]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01", null)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736", null)]
    [InlineData("nonsense", null)]
    [InlineData(null, null)]
    public void A_trace_is_that_of_a_well_formed_traceparent(string? header, string? trace) => Assert.Equal(trace, Trail.Of("r", Trail.ParentOf(header), Time).TraceId);

    // In a flow of its own, so that no other test sees the trail.
    private static Task<string> WriteAsync(ConsoleFormatter formatter, Trail? trail) => Task.Run(() =>
    {
        Trail.Current = trail;
        using var writer = new StringWriter { NewLine = "\n" };
        formatter.Write(new LogEntry<string>(LogLevel.Information, "A.Part", default, "two\nlines", null, static (state, _) => state), null, writer);
        return writer.ToString();
    });
}
