using System.CommandLine;
using System.Text.Json;

namespace Zoetrope.Cli.Commands;

/// <summary><c>share</c>: a link that shows a result, and its end.</summary>
internal static class ShareCommand
{
    public static Command Create(Interruption interruption)
    {
        var id = new Argument<string>("id") { Description = "The task's id" };
        var words = new Option<bool>("--words") { Description = "Show the prompt, too" };
        var end = new Option<bool>("--end") { Description = "End the link instead" };
        return new Command("share", "Make a link that shows a result to whoever has it") { id, words, end }.Doing(interruption, async invocation =>
        {
            var task = invocation.Value(end)
                ? await invocation.Client.UnshareTaskAsync(invocation.Value(id), invocation.CancellationToken)
                : await invocation.Client.ShareTaskAsync(
                    invocation.Value(id), invocation.Value(words), cancellationToken: invocation.CancellationToken);
            invocation.Terminal.Answer(
                JsonSerializer.SerializeToNode(task, CliJson.Default.TaskState)!,
                _ => Terminal.Line(task.Share?.Url ?? $"{task.Id} is not shared any more"));
        });
    }
}
