using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Cli.Commands;

/// <summary><c>usage</c>: what the account's tasks used.</summary>
internal static class UsageCommand
{
    public static Command Create(Interruption interruption)
    {
        var by = new Option<string?>("--by")
        {
            Description = "model, key, member, user, outcome, day, hour, tag:name, or two of them with a comma",
            HelpName = "what",
        };
        var from = new Option<DateTimeOffset?>("--from") { Description = "The beginning; 30 days ago by default", HelpName = "time" };
        var to = new Option<DateTimeOffset?>("--to") { Description = "The end, not part of it; now by default", HelpName = "time" };
        return new Command("usage", "Show what the account's tasks used") { by, from, to }.Doing(interruption, async invocation =>
        {
            var query = new UsageQuery
            {
                By = invocation.Value(by),
                From = invocation.Value(from),
                To = invocation.Value(to),
                Limit = 1_000,
            };
            var report = await invocation.Client.UsageAsync(query, invocation.CancellationToken);
            var groups = new List<UsageGroup>(report.Groups);
            while (report.NextCursor is { } cursor)
            {
                report = await invocation.Client.UsageAsync(query with { Cursor = cursor }, invocation.CancellationToken);
                groups.AddRange(report.Groups);
            }

            report = report with { Groups = groups };
            invocation.Terminal.Answer(
                JsonSerializer.SerializeToNode(report, CliJson.Default.UsageReport)!, console => Show(console, report));
        });
    }

    private static void Show(IAnsiConsole console, UsageReport report)
    {
        string[] figures = ["REQUESTS", "FAILED", "CREDITS", "SECONDS"];
        var table = Terminal.NewTable([.. report.By.Select(name => name.ToUpperInvariant()), .. figures]);
        foreach (var group in report.Groups)
        {
            table.AddRow([.. report.By.Select(name => Name(group.Group[name])), .. Figures(group.Amounts)]);
        }

        table.AddRow(["total", .. report.By.Skip(1).Select(_ => ""), .. Figures(report.Total)]);
        console.Write(table);
    }

    private static string Name(string name) => name.Length == 0 ? "(none)" : Markup.Escape(name);

    private static string[] Figures(UsageAmounts amounts) =>
    [
        amounts.Requests.ToString(CultureInfo.InvariantCulture),
        amounts.Failed.ToString(CultureInfo.InvariantCulture),
        amounts.Credits.ToString(CultureInfo.InvariantCulture),
        amounts.Seconds.ToString("0.#", CultureInfo.InvariantCulture),
    ];
}
