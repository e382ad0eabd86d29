using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Cli.Media;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Cli.Commands;

/// <summary><c>batches</c>: many requests at once, all started or none.</summary>
internal static class BatchesCommand
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    public static Command Create(Interruption interruption) =>
        new("batches", "Start many requests at once from a file: all of them, or none")
        {
            CreateOne(interruption), List(interruption), Get(interruption), Wait(interruption), Cancel(interruption),
        };

    private static Command CreateOne(Interruption interruption)
    {
        var file = new Argument<string>("file")
        {
            Description = "The file with one JSON request per line, such as {\"model\":…,\"prompt\":…,\"input\":{…}}; - reads stdin",
        };
        var wait = new Option<bool>("--wait", "-w") { Description = "Wait for all tasks and save their files" };
        var output = Directory();
        var confirm = new Option<bool>("--confirm", "-y") { Description = "Accept the price if the key requires confirmation" };
        var hook = new Option<string?>("--webhook-url")
        {
            Description = "The URL to notify when the last task has ended",
            HelpName = "url",
        };
        var key = new Option<string?>("--idempotency-key")
        {
            Description = "A name for this request; repeat it with the same key, and nothing is made twice",
            HelpName = "key",
        };
        return new Command("create", "Start a batch") { file, wait, output, confirm, hook, key }.Doing(interruption, async invocation =>
        {
            var requests = await ReadAsync(invocation, invocation.Value(file));
            if (invocation.Value(confirm))
            {
                invocation.Accept(long.MaxValue);
            }

            var batch = await invocation.Client.CreateBatchAsync(
                requests, invocation.Value(hook), invocation.Value(key), invocation.CancellationToken);
            if (!invocation.Value(wait))
            {
                invocation.Terminal.Answer(Wire(batch), _ => Terminal.Line(batch.Id));
                invocation.Terminal.Note(
                    $"{Words.Count(requests.Count, "task")}, {Words.Credits(batch.CreditsUsed)}. "
                    + $"Run zoetrope batches wait {batch.Id} to save the files.");
                return ExitCode.Done;
            }

            invocation.Terminal.Note($"{batch.Id}  {Words.Count(requests.Count, "task")}, {Words.Credits(batch.CreditsUsed)}");
            return await FinishAsync(invocation, batch.Id, invocation.Value(output));
        });
    }

    private static Command List(Interruption interruption)
    {
        var limit = new Option<int>("--limit", "-n") { Description = "How many to list at most", DefaultValueFactory = _ => 20 };
        return new Command("list", "List batches, newest first") { limit }.Doing(interruption, async invocation =>
        {
            var page = await invocation.Client.ListBatchesAsync(invocation.Value(limit), cursor: null, invocation.CancellationToken);
            invocation.Terminal.Answer(new JsonArray([.. page.Batches.Select(Wire)]), console =>
            {
                if (page.Batches.Count == 0)
                {
                    invocation.Terminal.Note("No batches.");
                    return;
                }

                var table = Terminal.NewTable("BATCH", "STATUS", "TASKS", "DONE", "FAILED", "CREDITS", "CREATED");
                foreach (var batch in page.Batches)
                {
                    table.AddRow(
                        Terminal.Cell(batch.Id),
                        Terminal.Cell(batch.Status),
                        Text(batch.Counts.Total),
                        Text(batch.Counts.Completed),
                        Text(batch.Counts.Failed + batch.Counts.Cancelled),
                        Text(batch.CreditsUsed),
                        Terminal.Cell(batch.CreatedAt));
                }

                console.Write(table);
            });
        });
    }

    private static Command Get(Interruption interruption)
    {
        var id = Id();
        return new Command("get", "Read a batch with its tasks") { id }.Doing(interruption, async invocation =>
            Show(invocation, await invocation.Client.GetBatchAsync(invocation.Value(id), invocation.CancellationToken)));
    }

    private static Command Wait(Interruption interruption)
    {
        var (id, output) = (Id(), Directory());
        return new Command("wait", "Wait until every task has ended, and save their files") { id, output }.Doing(interruption, invocation =>
            FinishAsync(invocation, invocation.Value(id), invocation.Value(output)));
    }

    private static Command Cancel(Interruption interruption)
    {
        var id = Id();
        return new Command("cancel", "Stop all unfinished tasks of a batch") { id }.Doing(interruption, async invocation =>
        {
            var answer = await invocation.Client.CancelBatchAsync(invocation.Value(id), invocation.CancellationToken);
            if (answer.Batch is { } batch)
            {
                Show(invocation, batch);
                return;
            }

            invocation.Terminal.Answer(
                JsonSerializer.SerializeToNode(answer, CliJson.Default.BatchCancellation)!,
                _ => Terminal.Line($"{answer.Id}  {answer.Status}"));
        });
    }

    private static Argument<string> Id() => new("id") { Description = "The batch's id (batch_…)" };

    private static Option<string> Directory() =>
        new("--output", "-o") { Description = "The directory to write into", HelpName = "directory", DefaultValueFactory = _ => "." };

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static JsonNode Wire(BatchState batch) => JsonSerializer.SerializeToNode(batch, CliJson.Default.BatchState)!;

    private static async Task<IReadOnlyList<GenerateRequest>> ReadAsync(Invocation invocation, string file)
    {
        string text;
        try
        {
            text = file == "-"
                ? await Console.In.ReadToEndAsync(invocation.CancellationToken)
                : await File.ReadAllTextAsync(file, invocation.CancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CliException.File($"{file} cannot be read: {exception.Message}");
        }

        var requests = new List<GenerateRequest>();
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            try
            {
                requests.Add(
                    JsonSerializer.Deserialize(line, StrictJson.Default.GenerateRequest)
                    ?? throw new JsonException("null is not a request."));
            }
            catch (JsonException exception)
            {
                throw CliException.Usage(
                    $"{file}, line {number}: {exception.Message.Split(" Path:")[0]}",
                    "Each line must be one request, such as {\"model\":\"…\",\"prompt\":\"…\",\"input\":{…}}");
            }
        }

        return requests.Count > 0 ? requests : throw CliException.Usage($"{file} contains no requests.");
    }

    private static async Task<int> FinishAsync(Invocation invocation, string id, string directory)
    {
        BatchState batch;
        try
        {
            batch = await UntilEndAsync(invocation, id);
        }
        catch (OperationCanceledException) when (invocation.CancellationToken.IsCancellationRequested)
        {
            throw new StoppedWaiting(
                $"Stopped waiting; {id} goes on.",
                id,
                $"zoetrope batches wait {id}      waits for it and saves the files",
                $"zoetrope batches cancel {id}    stops it");
        }

        var files = new ResultFiles(
            invocation, Path.EndsInDirectorySeparator(directory) ? directory : directory + Path.DirectorySeparatorChar);
        var saved = new List<SavedFile>();
        foreach (var item in batch.Items ?? [])
        {
            if (item.Status == "completed")
            {
                saved.AddRange(await files.SaveAsync(await invocation.Client.GetAsync(item.TaskId, invocation.CancellationToken)));
            }
            else
            {
                invocation.Terminal.Note($"{item.TaskId}  {item.Status} (line {item.Index + 1})");
            }
        }

        var wire = Wire(batch).AsObject();
        wire["files"] = ResultFiles.Json(saved);
        invocation.Terminal.Answer(wire, _ => saved.ForEach(file => Terminal.Line(file.Path)));
        var counts = batch.Counts;
        invocation.Terminal.Note($"{counts.Completed} of {counts.Total} completed, {Words.Credits(batch.CreditsUsed)}");
        return counts.Completed == counts.Total ? ExitCode.Done : ExitCode.TaskFailed;
    }

    private static Task<BatchState> UntilEndAsync(Invocation invocation, string id)
    {
        if (invocation.Terminal.Json || !invocation.Terminal.ShowsProgress)
        {
            return LookAsync(invocation, id, _ => { });
        }

        return invocation.Terminal.Notes.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(context =>
            {
                var bar = context.AddTask(Terminal.Cell(id), maxValue: 1);
                return LookAsync(invocation, id, batch =>
                {
                    var counts = batch.Counts;
                    bar.MaxValue = counts.Total;
                    bar.Value = counts.Completed + counts.Failed + counts.Cancelled;
                    bar.Description = $"{Terminal.Cell(id)}  [grey]{counts.Processing} running, {counts.Pending} waiting[/]";
                });
            });
    }

    private static async Task<BatchState> LookAsync(Invocation invocation, string id, Action<BatchState> show)
    {
        while (true)
        {
            var batch = await invocation.Client.GetBatchAsync(id, invocation.CancellationToken);
            show(batch);
            if (batch.Status == "completed")
            {
                return batch;
            }

            await Task.Delay(BetweenLooks, invocation.Time, invocation.CancellationToken);
        }
    }

    private static void Show(Invocation invocation, BatchState batch) => invocation.Terminal.Answer(Wire(batch), console =>
    {
        var counts = batch.Counts;
        console.MarkupLine(
            $"[bold]{Terminal.Cell(batch.Id)}[/]  {Terminal.Cell(batch.Status)}  {counts.Completed} of {counts.Total} completed, "
            + $"{counts.Failed} failed, {counts.Cancelled} cancelled  {Words.Credits(batch.CreditsUsed)}");
        var table = Terminal.NewTable("LINE", "TASK", "STATUS", "MODEL", "CREDITS");
        foreach (var item in batch.Items ?? [])
        {
            table.AddRow(
                Text(item.Index + 1),
                Terminal.Cell(item.TaskId),
                Terminal.Cell(item.Status),
                Terminal.Cell(item.Model),
                Text(item.CreditsUsed));
        }

        console.Write(table);
    });
}
