using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Cli.Media;
using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Cli.Commands;

/// <summary><c>tasks</c>: what was asked for, and its files; and <c>cancel</c>.</summary>
internal static class TasksCommand
{
    public static Command Create(Interruption interruption)
    {
        var command = new Command(
            "tasks",
            "List tasks, newest first; or read, wait for or download one")
        {
            Get(interruption), Wait(interruption), Download(interruption),
        };
        return AsList(command, interruption).With(AsList(new Command("list", "List tasks, newest first"), interruption));
    }

    public static Command Cancel(Interruption interruption)
    {
        var ids = new Argument<string[]>("id") { Description = "The task's id, or several", Arity = ArgumentArity.OneOrMore };
        return new Command(
            "cancel", "Stop a task; its credits come back if its provider stops it") { ids }.Doing(interruption, async invocation =>
        {
            foreach (var id in invocation.Value(ids))
            {
                var answer = await invocation.Client.CancelAsync(id, invocation.CancellationToken);
                var state = answer.Task?.Error?.Code == "CANCELLED"
                    ? "cancelled, credits returned"
                    : $"asked to stop; {answer.Cancel ?? answer.Status}";
                var wire = answer.Task is { } task ? Wire(task) : JsonSerializer.SerializeToNode(answer, CliJson.Default.TaskCancellation)!;
                invocation.Terminal.Item(wire, _ => Terminal.Line($"{answer.Id}  {state}"));
            }
        });
    }

    private static Command With(this Command command, Command sub)
    {
        command.Subcommands.Add(sub);
        return command;
    }

    private static Command AsList(Command command, Interruption interruption)
    {
        var status = new Option<string?>("--status") { Description = "Show only tasks with this status" };
        status.AcceptOnlyFromAmong("pending", "processing", "completed", "failed", "cancelled");
        var model = new Option<string?>("--model", "-m") { Description = "Show only tasks of this model", HelpName = "id" };
        var type = new Option<string?>("--type", "-t") { Description = "Show only images or videos" };
        type.AcceptOnlyFromAmong("image", "video");
        var limit = new Option<int>("--limit", "-n") { Description = "How many to list at most", DefaultValueFactory = _ => 20 };
        limit.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0
                && (!int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var number) || number < 1))
            {
                result.AddError("--limit must be at least 1.");
            }
        });
        var tag = new Option<string?>("--tag") { Description = "Show only tasks with this tag", HelpName = "name:value" };
        var user = new Option<string?>("--user") { Description = "Show only tasks for this user of yours", HelpName = "user" };
        foreach (var option in new Option[] { status, model, type, tag, user, limit })
        {
            command.Options.Add(option);
        }

        return command.Doing(interruption, async invocation =>
        {
            var wanted = invocation.Value(limit);
            var query = new TaskQuery
            {
                Status = invocation.Value(status),
                Model = invocation.Value(model),
                Type = invocation.Value(type),
                Tag = invocation.Value(tag),
                User = invocation.Value(user),
                Limit = Math.Min(wanted, 100),
            };
            var tasks = new List<TaskState>();
            await foreach (var task in invocation.Client.ListAllAsync(query, invocation.CancellationToken))
            {
                tasks.Add(task);
                if (tasks.Count == wanted)
                {
                    break;
                }
            }

            invocation.Terminal.Answer(new JsonArray([.. tasks.Select(Wire)]), console => Show(invocation, console, tasks));
        });
    }

    private static Command Get(Interruption interruption)
    {
        var id = Id();
        return new Command("get", "Read a task") { id }.Doing(interruption, async invocation =>
        {
            var task = await invocation.Client.GetAsync(invocation.Value(id), invocation.CancellationToken);
            invocation.Terminal.Answer(Wire(task), console => Show(console, task));
        });
    }

    private static Command Wait(Interruption interruption)
    {
        var (id, output, open) = (Id(), Output(), new Option<bool>("--open") { Description = "Open the file once it is saved" });
        var only = new Option<bool>("--no-download") { Description = "Only wait" };
        return new Command(
            "wait", "Wait until a task has ended, and save its file") { id, output, open, only }.Doing(interruption, async invocation =>
        {
            var files = new ResultFiles(invocation, invocation.Value(output));
            files.Check();
            var known = await invocation.Client.GetAsync(invocation.Value(id), invocation.CancellationToken);
            var task = await new TaskWatch(invocation).UntilEndAsync(known.Id, known.Model);
            if (invocation.Value(only) && task.Status == "completed")
            {
                invocation.Terminal.Answer(Wire(task), console => Show(console, task));
                return;
            }

            await Production.FinishAsync(invocation, task, files, invocation.Value(open));
        });
    }

    private static Command Download(Interruption interruption)
    {
        var (id, output, open) = (Id(), Output(), new Option<bool>("--open") { Description = "Open the file once it is saved" });
        return new Command("download", "Save the file of a finished task") { id, output, open }.Doing(interruption, async invocation =>
        {
            var files = new ResultFiles(invocation, invocation.Value(output));
            files.Check();
            var task = await invocation.Client.GetAsync(invocation.Value(id), invocation.CancellationToken);
            if (task.Status is not ("completed" or "failed"))
            {
                throw new CliException("NOT_FINISHED", $"{task.Id} is {task.Status}.", ExitCode.Refused, $"zoetrope tasks wait {task.Id}");
            }

            await Production.FinishAsync(invocation, task, files, invocation.Value(open));
        });
    }

    private static Argument<string> Id() => new("id") { Description = "The task's id (task_…)" };

    private static Option<string?> Output() =>
        new("--output", "-o") { Description = "The file or directory to write; - is stdout", HelpName = "path" };

    private static JsonNode Wire(TaskState task) => JsonSerializer.SerializeToNode(task, CliJson.Default.TaskState)!;

    private static void Show(Invocation invocation, IAnsiConsole console, IReadOnlyList<TaskState> tasks)
    {
        if (tasks.Count == 0)
        {
            invocation.Terminal.Note("No tasks.");
            return;
        }

        var table = Terminal.NewTable("TASK", "STATUS", "MODEL", "CREDITS", "CREATED", "PROMPT").Cutting("PROMPT");
        foreach (var task in tasks)
        {
            table.AddRow(
                Terminal.Cell(task.Id),
                Coloured(task),
                Terminal.Cell(task.Model),
                task.CreditsUsed.ToString(CultureInfo.InvariantCulture),
                Terminal.Cell(When(task.CreatedAt)),
                Terminal.Cell(task.Prompt));
        }

        console.Write(table);
    }

    private static void Show(IAnsiConsole console, TaskState task)
    {
        var grid = new Grid().AddColumn(new GridColumn { NoWrap = true }).AddColumn(new GridColumn { NoWrap = false });
        void Row(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                grid.AddRow($"[grey]{name}[/]", value);
            }
        }

        Row("task", Terminal.Cell(task.Id));
        Row(
            "status",
            Coloured(task) + (task.Status == "processing" ? string.Create(CultureInfo.InvariantCulture, $" {task.Progress} %") : ""));
        Row("model", Terminal.Cell(task.Model));
        Row("provider", Terminal.Cell(task.Provider));
        Row("prompt", Terminal.Cell(task.Prompt));
        Row("credits", task.CreditsUsed.ToString(CultureInfo.InvariantCulture));
        Row("created", Terminal.Cell(When(task.CreatedAt)));
        Row("error", task.Error is { } error ? Terminal.Cell($"{error.Code}: {error.Message}") : null);
        foreach (var file in task.Results ?? (task.Result is null ? [] : [task.Result]))
        {
            Row("file", Terminal.Cell($"{file.ContentType}, {Words.Size(file.Bytes)}"));
        }

        console.Write(grid);
    }

    private static string Coloured(TaskState task) => task switch
    {
        { Status: "completed" } => "[green]completed[/]",
        { Error.Code: "CANCELLED" } => "[yellow]cancelled[/]",
        { Status: "failed" } => "[red]failed[/]",
        _ => Terminal.Cell(task.Status),
    };

    private static string When(string instant) => DateTimeOffset.TryParse(instant, CultureInfo.InvariantCulture, out var time)
        ? time.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)
        : instant;
}
