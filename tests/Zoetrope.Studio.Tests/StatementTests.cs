using System.Globalization;
using System.Net;
using System.Text;
using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.Develop.Ledger;
using Zoetrope.Studio.Develop.Usage;

namespace Zoetrope.Studio.Tests;

/// <summary>What is worked out in the browser from what the API answers.</summary>
public sealed class StatementTests
{
    [Fact]
    public async Task A_line_has_what_was_left_after_it_also_on_older_pages_and_while_something_is_booked()
    {
        // The balance moves between the first two answers: what was read then is read again.
        using var server = new Answers(
            ("credits", Credits(900)), ("ledger", Page("", "hold 100")), ("credits", Credits(1000)),
            ("credits", Credits(1000)), ("ledger", Page("more", "release 100", "settle 30", "hold 100")), ("credits", Credits(1000)),
            ("cursor=more", Page("", "grant 1000")));
        using var client = new ZoetropeClient(new Uri("http://localhost"), "sk-test", new ZoetropeClientOptions { Handler = server });
        var statement = new Statement(client);
        await statement.BeginAsync();
        Assert.True(statement.HasOlder);
        await statement.OlderAsync();

        Assert.Equal([(100, 1000), (0, 900), (-100, 900), (1000, 1000)], statement.Lines.Select(line => (line.Change, line.Balance)));
        Assert.False(statement.HasOlder);
    }

    [Fact]
    public void Bars_have_every_day_the_largest_five_and_the_others_together()
    {
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("en");
        var groups = Enumerable.Range(1, 7).Select(number => Group("2026-03-02", $"key_{number}", number * 10)).Append(Group("2026-03-01", "key_7", 5)).ToList();
        var chart = UsageChart.Of(groups, "key", "credits", [new(2026, 3, 1), new(2026, 3, 2), new(2026, 3, 3)], new Dictionary<string, string> { ["key_7"] = "website" });

        Assert.Equal(["website", "key_6", "key_5", "key_4", "key_3", "others"], chart.Names);
        Assert.Equal([5, 280, 0], chart.Bars.Select(bar => bar.Parts.Sum()));
        Assert.Equal(30, chart.Bars[1].Parts[^1]);
        Assert.Equal(("website", 75, 7), (chart.Rows[0].Name, chart.Rows[0].Amounts.Credits, chart.Rows.Count));
    }

    private static UsageGroup Group(string day, string key, long credits) =>
        new(new Dictionary<string, string> { ["day"] = day + "T00:00:00Z", ["key"] = key }, new UsageAmounts(1, 1, 0, 0, credits, credits, 0, 0, 0));

    private static string Credits(long credits) => $$"""{"success":true,"data":{"credits":{{credits}},"held":0,"mode":"test"} }""";

    private static string Page(string next, params string[] lines)
    {
        var entries = lines.Select(line => line.Split(' ')).Select((line, index) => $$"""
            {"id":"txn_{{index}}","type":"{{line[0]}}","amount":{{line[1]}},"from":"{{(line[0] == "grant" ? "issued" : line[0] == "hold" ? "available" : "held")}}",
            "to":"{{(line[0] is "grant" or "release" ? "available" : line[0] == "hold" ? "held" : "revenue")}}","createdAt":"2026-03-01T00:00:00.000Z"}
            """);
        return $$"""{"success":true,"data":{"entries":[{{string.Join(',', entries)}}],"nextCursor":{{(next.Length == 0 ? "null" : $"\"{next}\"")}} } }""";
    }

    private sealed class Answers(params (string Part, string Body)[] answers) : HttpMessageHandler
    {
        private int _next;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var (part, body) = answers[_next++];
            Assert.Contains(part, request.RequestUri!.PathAndQuery, StringComparison.Ordinal);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "application/json") });
        }
    }
}
