using System.Text.Json;
using ModelContextProtocol.Protocol;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>Waits for a task inside a call, telling the client how far it is, and gives up before the client does.</summary>
internal sealed class TaskWaiting(GenerationReads reads, McpResults results, McpOptions options, ServerStop stop, TimeProvider time)
{
    public int LongestSeconds => options.WaitSeconds;

    public async ValueTask<Outcome<Generation>> FindAsync(Caller caller, string id) =>
        await reads.FindAsync(caller.AccountId, caller.Mode, id) is { } task ? task : TaskCalls.NotFound(id);

    /// <summary>How long the call wants to wait.</summary>
    public Outcome<TimeSpan> Seconds(JsonElement arguments, int byDefault)
    {
        if (!arguments.TryGetProperty("wait_seconds", out var given) || ValueReader.IsAbsent(given))
        {
            return TimeSpan.FromSeconds(byDefault);
        }

        return ValueReader.TryNumber(given, out var seconds) && seconds >= 0 && seconds <= LongestSeconds
            ? TimeSpan.FromSeconds(seconds)
            : Problems.InvalidParameter.With(
                $"wait_seconds must be a number from 0 to {LongestSeconds}.", "wait_seconds", Given.Of(given), $"0 to {LongestSeconds}");
    }

    /// <summary>The task at its end, or as it is when the time is over, which the answer then says.</summary>
    public async Task<Outcome<CallToolResult>> AnswerAsync(
        McpCall call,
        Generation task,
        TimeSpan wait,
        Func<Generation, CancellationToken, Task<CallToolResult>> answer,
        CancellationToken cancellationToken)
    {
        task = await WaitAsync(call, task, wait, cancellationToken);
        var result = await answer(task, cancellationToken);
        if (!task.IsTerminal && wait > TimeSpan.Zero)
        {
            result.Content.Add(
                new TextContentBlock
                {
                    Text = $"The task is not finished yet and keeps running. Call vicsee_get_task with task_id {task.Id}.",
                });
        }

        return result;
    }

    private async Task<Generation> WaitAsync(McpCall call, Generation task, TimeSpan wait, CancellationToken cancellationToken)
    {
        await call.ReportAsync(await results.ViewAsync(task), cancellationToken);
        if (task.IsTerminal || wait <= TimeSpan.Zero)
        {
            return task;
        }

        var until = time.GetUtcNow() + wait;
        var following = await reads.FollowAsync(call.Caller.AccountId, call.Caller.Mode, task.Id, after: 0);
        using var feed = following.Value;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stop.Closing);
        while (true)
        {
            var closing = stop.Closing.IsCancellationRequested;
            foreach (var item in await feed.ReadAsync())
            {
                // Every event of a followed task has it.
                task = item.Task ?? task;
            }

            // Also without news: an estimate grows with time alone.
            await call.ReportAsync(await results.ViewAsync(task), cancellationToken);

            var left = until - time.GetUtcNow();
            if (task.IsTerminal || left <= TimeSpan.Zero || closing)
            {
                return task;
            }

            try
            {
                await feed.WaitAsync(left, ended.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // The server closes: the client hears how far the task is.
            }
        }
    }
}
