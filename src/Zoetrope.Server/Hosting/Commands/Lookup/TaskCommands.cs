using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Zoetrope.Contracts.Admin;
using Zoetrope.Server.Doors.Admin;
using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Hosting.Commands.Lookup;

/// <summary><c>find</c>, which takes an id of any kind, and <c>tasks list</c>.</summary>
internal static class TaskCommands
{
    private const int MaxLimit = 1_000;

    public static Command Find()
    {
        var id = new Argument<string>("id")
        {
            Description = "A request's id (X-Request-Id), a trace's, a task's, a batch's or an attempt's, or a vendor's id",
        };
        return new Command(
            "find", "Find the tasks that an id leads to, with attempts, ledger, webhooks and the lines of the log") { id }.Answering(
            async (parsed, cancellationToken) =>
        {
            await using var database = await OperatorDatabase.OpenAsync();
            var found = await SearchWire.FindAsync(
                database.Tasks, database.Journal, parsed.GetRequiredValue(id), cancellationToken);
            return new Answer(JsonSerializer.SerializeToNode(found, AdminJson.Default.AdminFound)!, console => FoundReport.Show(console, found))
            {
                Failure = found.Tasks.Count > 0 || found.Log.Count > 0
                    ? null
                    : ("NOT_FOUND", $"Nothing is known of {found.Query}: no task has it, and no line of the journal."),
            };
        });
    }

    public static Command Create() => new("tasks", "Look at the tasks of all accounts") { List() };

    private static Command List()
    {
        var words = new Dictionary<string, Option<string?>>
        {
            ["accountId"] = new("--account") { Description = "Only this account's" },
            ["mode"] = new("--mode") { Description = "test or live" },
            ["status"] = new("--status") { Description = string.Join(", ", StatusWords.All) },
            ["provider"] = new("--provider") { Description = "Only those whose provider this is" },
            ["model"] = new("--model") { Description = "Only this model's" },
            ["errorCode"] = new("--error") { Description = "Only those that failed with this code" },
            ["from"] = new("--from") { Description = "Made at this time or later, such as 2030-01-31T12:00:00Z" },
            ["to"] = new("--to") { Description = "Made before this time" },
        };
        var limit = new Option<int>("--limit") { Description = $"At most so many, up to {MaxLimit}", DefaultValueFactory = _ => 20 };
        var command = new Command("list", "List tasks, newest first") { limit };
        foreach (var option in words.Values)
        {
            command.Add(option);
        }

        return command.Answering(async (parsed, _) =>
        {
            var wanted = parsed.GetValue(limit);
            if (wanted is < 1 or > MaxLimit)
            {
                throw new StartException("USAGE", $"--limit must be from 1 to {MaxLimit}.", StartException.BadSettings);
            }

            var filter = SearchEndpoints.Filter(name => parsed.GetValue(words[name])).OrFail();
            await using var database = await OperatorDatabase.OpenAsync();
            var tasks = new List<AdminTask>();
            string? before = null;
            do
            {
                var (page, next) = await database.Tasks.ListAsync(filter, wanted - tasks.Count, before);
                tasks.AddRange(page.Select(SearchWire.Wire));
                before = next;
            }
            while (before is not null && tasks.Count < wanted);
            return new Answer(CommandOutput.ListOf(tasks, AdminJson.Default.AdminTask), console => Show(console, tasks));
        });
    }

    private static void Show(IAnsiConsole console, IReadOnlyList<AdminTask> tasks)
    {
        var table = CommandOutput.NewTable("TASK", "STATUS", "MODE", "CREATED", "WHAT").Cutting("WHAT").Otherwise("No tasks.");
        foreach (var task in tasks)
        {
            var what = $"{task.Model} at {task.Provider}, {task.Charged ?? task.Quoted} credits";
            table.AddRow(
                task.Id,
                task.Status,
                task.Mode,
                PlainLines.Seconds(task.CreatedAt),
                Markup.Escape(task.ErrorCode is { } code ? $"{what}, {code}" : what));
        }

        console.Write(table);
    }
}
