using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Zoetrope.Contracts.Admin;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Doors.Admin;

namespace Zoetrope.Server.Hosting.Commands.Lookup;

/// <summary><c>suspense list</c> and <c>suspense resolve</c>.</summary>
internal static class SuspenseCommands
{
    private const int PageSize = 500;

    public static Command Create() =>
        new("suspense", "Tasks whose vendor may have billed you for a result that nobody received") { List(), Resolve() };

    private static Command List() => new Command(
        "list", "List the tasks in suspense, newest first").Answering(async (_, _) =>
    {
        await using var database = await OperatorDatabase.OpenAsync();
        var tasks = new List<AdminSuspendedTask>();
        string? before = null;
        while (await database.Suspense.ListAsync(PageSize, before) is { Count: > 0 } page)
        {
            tasks.AddRange(page.Select(SearchWire.Wire));
            before = page[^1].TaskId;
        }

        return new Answer(CommandOutput.ListOf(tasks, AdminJson.Default.AdminSuspendedTask), console => Show(console, tasks));
    });

    private static Command Resolve()
    {
        var task = new Argument<string>("task") { Description = "The task's id (task_…)" };
        var charged = new Option<bool>("--charged") { Description = "The vendor billed for it" };
        var notCharged = new Option<bool>("--not-charged") { Description = "The vendor did not bill for it" };
        var reason = new Option<string>("--reason") { Description = "How you know; kept in the ledger", Required = true };
        return new Command(
            "resolve", "Take a task out of suspense once you know") { task, charged, notCharged, reason }.Answering(async (parsed, _) =>
        {
            var isCharged = parsed.GetValue(charged);
            if (isCharged == parsed.GetValue(notCharged))
            {
                throw new StartException(
                    "USAGE", "Say what the vendor did: either --charged or --not-charged.", StartException.BadSettings);
            }

            await using var database = await OperatorDatabase.OpenAsync();
            var resolved = SearchWire.Wire(
                (await database.Suspense.ResolveAsync(Actor.CommandLine, parsed.GetRequiredValue(task), isCharged, parsed.GetRequiredValue(reason))).OrFail());
            return new Answer(
                JsonSerializer.SerializeToNode(resolved, AdminJson.Default.AdminResolvedSuspense)!,
                console => PlainLines.WriteLine(
                    console, $"{resolved.TaskId}  {resolved.Credits} credits, {(isCharged ? "charged" : "not charged")} by the vendor"));
        });
    }

    private static void Show(IAnsiConsole console, IReadOnlyList<AdminSuspendedTask> tasks)
    {
        var table = CommandOutput.NewTable("TASK", "MODE", "CREDITS", "SINCE", "WHY").Cutting("WHY").Otherwise("Nothing is in suspense.");
        foreach (var task in tasks)
        {
            var why = new[] { task.Provider, task.ProviderTaskId ?? task.ProviderRequestId ?? task.AttemptId, task.Why };
            table.AddRow(
                task.TaskId,
                task.Mode,
                $"{task.Credits}",
                PlainLines.Seconds(task.Since),
                Markup.Escape(string.Join(' ', why.Where(static part => part is not null))));
        }

        console.Write(table);
    }
}
