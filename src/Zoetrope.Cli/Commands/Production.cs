using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Cli.Media;
using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Cli.Commands;

/// <summary>What every command that makes something shares: the price, the question about it, the wait and the file.</summary>
internal sealed class Production
{
    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "The file or directory to write, or - for stdout; by default the file is named after the prompt",
        HelpName = "path",
    };

    private readonly Option<bool> _open = new("--open") { Description = "Open the file once it is saved" };
    private readonly Option<bool> _noWait = new("--no-wait") { Description = "Start the task, print its id and do not wait" };
    private readonly Option<bool> _confirm = new("--confirm", "-y") { Description = "Accept the price if the key requires confirmation" };
    private readonly Option<bool> _estimate = new("--estimate") { Description = "Print the price only" };
    private readonly Option<string?> _key = new("--idempotency-key")
    {
        Description = "A name for this request; repeat it with the same key, and nothing is made twice",
        HelpName = "key",
    };

    private readonly Option<string[]> _tags = new("--tag") { Description = "A tag to find and count the task by; repeatable", HelpName = "name=value" };
    private readonly Option<string?> _user = new("--user") { Description = "Your own user that it is for", HelpName = "user" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _output, _open, _noWait, _confirm, _estimate, _key, _tags, _user })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Refuses what cannot work before anything is asked of the server.</summary>
    public void Check(Invocation invocation) => new ResultFiles(invocation, invocation.Value(_output)).Check();

    /// <summary>The tags that were given; null if none was.</summary>
    public Dictionary<string, string>? Tags(Invocation invocation)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var given in invocation.Value(_tags) ?? [])
        {
            var equals = given.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || !tags.TryAdd(given[..equals], given[(equals + 1)..]))
            {
                throw CliException.Usage($"--tag {given} cannot be used.", "--tag name=value, each name once, for example --tag team=red");
            }
        }

        return tags.Count == 0 ? null : tags;
    }

    public string? User(Invocation invocation) => invocation.Value(_user);

    /// <param name="invocation">The command's run.</param>
    /// <param name="request">What to make, and what to price.</param>
    /// <param name="submit">Starts it under a key; answers the task's id and what is held for it.</param>
    public async Task RunAsync(Invocation invocation, GenerateRequest request, Func<string, Task<Started>> submit)
    {
        if (invocation.Value(_estimate))
        {
            Show(invocation, await invocation.Client.EstimateAsync(request, invocation.CancellationToken));
            return;
        }

        if (invocation.Value(_confirm))
        {
            invocation.Accept(long.MaxValue);
        }

        var started = await SubmitAsync(invocation, request, submit);
        if (invocation.Value(_noWait))
        {
            invocation.Terminal.Answer(started.Wire, _ => Terminal.Line(started.Id));
            return;
        }

        invocation.Terminal.Note(
            $"{started.Model}  {Words.Credits(started.Credits)}, {started.Remaining.ToString(CultureInfo.InvariantCulture)} left "
            + $" {started.Id}");
        var task = await new TaskWatch(invocation).UntilEndAsync(started.Id, started.Model);
        await FinishAsync(invocation, task, new ResultFiles(invocation, invocation.Value(_output)), invocation.Value(_open));
    }

    /// <summary>The end of a task: its files saved and named, or why there are none.</summary>
    public static async Task FinishAsync(Invocation invocation, TaskState task, ResultFiles files, bool open)
    {
        if (task.Status != "completed")
        {
            throw new ZoetropeTaskFailedException(task);
        }

        IReadOnlyList<SavedFile> saved;
        try
        {
            saved = await files.SaveAsync(task);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException
            or ZoetropeConnectionException or ZoetropeDamagedFileException or OperationCanceledException)
        {
            // It is paid for: say how to get it.
            invocation.Terminal.Note($"{task.Id} is finished. Run zoetrope tasks download {task.Id} to get its file.");
            throw;
        }

        var wire = JsonSerializer.SerializeToNode(task, CliJson.Default.TaskState)!.AsObject();
        wire["files"] = ResultFiles.Json(saved);
        if (saved.Count > 0)
        {
            invocation.Terminal.Answer(wire, _ =>
            {
                foreach (var file in saved)
                {
                    Terminal.Line(file.Path);
                }
            });
        }

        foreach (var file in saved)
        {
            invocation.Terminal.Note($"{Shape(file.File)}  {Words.Size(file.File.Bytes)}  {Words.Credits(task.CreditsUsed)}{Took(task)}");
            if (open)
            {
                Opener.Open(invocation.Terminal, file.Path);
            }
        }
    }

    private async Task<Started> SubmitAsync(Invocation invocation, GenerateRequest request, Func<string, Task<Started>> submit)
    {
        var key = invocation.Value(_key) ?? Guid.NewGuid().ToString("N");
        try
        {
            return await submit(key);
        }
        catch (ZoetropeRefusedException refusal) when (refusal.Code == "CONFIRMATION_REQUIRED" && invocation.Terminal.IsInteractive)
        {
            var price = await invocation.Client.EstimateAsync(request, invocation.CancellationToken);
            var question = new ConfirmationPrompt(
                $"This costs {Words.Credits(price.Credits)}; "
                + $"{price.CreditsAvailable.ToString(CultureInfo.InvariantCulture)} are available. Continue?") { DefaultValue = false };
            if (!await question.ShowAsync(invocation.Terminal.Notes, invocation.CancellationToken))
            {
                throw new CliException("NOT_CONFIRMED", "Nothing was started.", ExitCode.Refused);
            }

            invocation.Accept(price.Credits);
            return await submit(key);
        }
        catch (OperationCanceledException) when (invocation.CancellationToken.IsCancellationRequested)
        {
            // The answer is lost, and with it whether there is a task.
            throw new StoppedWaiting(
                "Stopped while the request was being sent. The task may have been started.",
                null,
                "zoetrope tasks    shows whether it was",
                $"--idempotency-key {key}    repeats the command without making anything twice");
        }
    }

    private static void Show(Invocation invocation, Estimate estimate) => invocation.Terminal.Answer(
        JsonSerializer.SerializeToNode(estimate, CliJson.Default.Estimate)!, _ =>
    {
        Terminal.Line(estimate.Credits.ToString(CultureInfo.InvariantCulture));
        var output = estimate.Output;
        var seconds = output.Duration is { } duration ? string.Create(CultureInfo.InvariantCulture, $", {duration:0.##} s") : "";
        invocation.Terminal.Note(
            $"{Words.Credits(estimate.Credits)} for {output.Width}×{output.Height} {output.Format}{seconds} by {estimate.Model}; "
            + $"{estimate.CreditsAvailable.ToString(CultureInfo.InvariantCulture)} available"
            + (estimate.Affordable ? "" : ", too few"));
    });

    private static string Shape(TaskFile file)
    {
        var size = file is { Width: { } width, Height: { } height } ? $"{width}×{height} " : "";
        var seconds = file.Duration is { } duration ? string.Create(CultureInfo.InvariantCulture, $", {duration:0.##} s") : "";
        return $"{size}{file.ContentType}{seconds}";
    }

    private static string Took(TaskState task) =>
        task.Timings.RunMs is { } ran ? $", took {Words.Duration(TimeSpan.FromMilliseconds(task.Timings.QueuedMs + ran))}" : "";
}

/// <summary>A task that was just started.</summary>
/// <param name="Id">The task's id.</param>
/// <param name="Model">The model's id.</param>
/// <param name="Credits">What is held for it.</param>
/// <param name="Remaining">What is left.</param>
/// <param name="Wire">The server's answer.</param>
internal sealed record Started(string Id, string Model, long Credits, long Remaining, JsonNode Wire);
