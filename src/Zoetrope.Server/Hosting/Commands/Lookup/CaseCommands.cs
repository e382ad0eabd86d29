using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Zoetrope.Contracts.Admin;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Doors.Admin;

namespace Zoetrope.Server.Hosting.Commands.Lookup;

/// <summary><c>cases list</c> and <c>cases close</c>.</summary>
internal static class CaseCommands
{
    private const int PageSize = 500;

    public static Command Create() =>
        new("cases", "Jobs that a vendor lists otherwise than the server wrote them down") { List(), Close() };

    private static Command List()
    {
        var all = new Option<bool>("--all") { Description = "Also those that are closed" };
        return new Command("list", "List the open cases, newest first") { all }.Answering(async (parsed, _) =>
        {
            await using var database = await OperatorDatabase.OpenAsync();
            var cases = new List<AdminCase>();
            string? before = null;
            while (await database.Cases.ListAsync(PageSize, before, openOnly: !parsed.GetValue(all)) is { Count: > 0 } page)
            {
                cases.AddRange(page.Select(CaseEndpoints.Wire));
                before = page[^1].Id;
            }

            return new Answer(CommandOutput.ListOf(cases, AdminJson.Default.AdminCase), console => Show(console, cases));
        });
    }

    private static Command Close()
    {
        var id = new Argument<string>("case") { Description = "The case's id (case_…)" };
        var reason = new Option<string>("--reason") { Description = "What you found out; kept with the case", Required = true };
        return new Command("close", "Close a case") { id, reason }.Answering(async (parsed, _) =>
        {
            await using var database = await OperatorDatabase.OpenAsync();
            var closed = CaseEndpoints.Wire(
                (await database.Cases.CloseAsync(Actor.CommandLine, parsed.GetRequiredValue(id), parsed.GetRequiredValue(reason))).OrFail());
            return new Answer(
                JsonSerializer.SerializeToNode(closed, AdminJson.Default.AdminCase)!,
                console => PlainLines.WriteLine(console, $"{closed.Id}  closed"));
        });
    }

    private static void Show(IAnsiConsole console, IReadOnlyList<AdminCase> cases)
    {
        var table = CommandOutput.NewTable("CASE", "KIND", "PROVIDER", "JOB", "TASK", "SINCE", "WHAT").Cutting("WHAT")
            .Otherwise("No case is open.");
        foreach (var one in cases)
        {
            table.AddRow(
                one.Id, one.Kind, one.Provider, Markup.Escape(one.ProviderTaskId), one.TaskId ?? "", PlainLines.Seconds(one.OpenedAt), Markup.Escape(one.Detail));
        }

        console.Write(table);
    }
}
