using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Cli.Media;

/// <summary>
/// Shows a task until it has ended: as a progress bar at a terminal, otherwise as a line per change.
/// </summary>
internal sealed class TaskWatch(Invocation invocation)
{
    private const int LineEveryPercent = 25;

    /// <returns>The task as it ended, with fresh addresses of its files.</returns>
    public async Task<TaskState> UntilEndAsync(string taskId, string model)
    {
        try
        {
            return invocation.Terminal is { ShowsProgress: true, Json: false }
                ? await WithBarAsync(taskId, model)
                : await WithLinesAsync(taskId);
        }
        catch (OperationCanceledException) when (invocation.CancellationToken.IsCancellationRequested)
        {
            throw new StoppedWaiting(
                $"Stopped waiting; {taskId} goes on.",
                taskId,
                $"zoetrope tasks wait {taskId}    waits for it and saves the file",
                $"zoetrope cancel {taskId}        stops it");
        }
        catch (ZoetropeConnectionException)
        {
            invocation.Terminal.Note($"{taskId} goes on. Run zoetrope tasks wait {taskId} to wait for it.");
            throw;
        }
    }

    private Task<TaskState> WithBarAsync(string taskId, string model)
    {
        var left = new TimeLeftColumn();
        return invocation.Terminal.Notes.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), left)
            .StartAsync(async context =>
            {
                var bar = context.AddTask(Terminal.Cell(model), maxValue: 100);
                return await FollowAsync(taskId, task =>
                {
                    bar.Description = $"{Terminal.Cell(model)}  [grey]{Terminal.Cell(State(task))}[/]";
                    bar.Value = Math.Max(bar.Value, task.Progress);
                    bar.IsIndeterminate = task.Status == "pending";
                    left.Show(TimeLeft(task), invocation.Time);
                });
            });
    }

    private Task<TaskState> WithLinesAsync(string taskId)
    {
        var (status, step) = ("", 0);
        return FollowAsync(taskId, task =>
        {
            if (task.Status != status || task.Progress / LineEveryPercent > step)
            {
                (status, step) = (task.Status, task.Progress / LineEveryPercent);
                var progress = task.Status == "processing" ? string.Create(CultureInfo.InvariantCulture, $"  {task.Progress} %") : "";
                invocation.Terminal.Note($"{taskId}  {State(task)}{progress}");
            }
        });
    }

    private async Task<TaskState> FollowAsync(string taskId, Action<TaskState> show)
    {
        try
        {
            await foreach (var happened in invocation.Client.FollowAsync(taskId, after: null, invocation.CancellationToken))
            {
                show(happened.Task);
            }
        }
        catch (ZoetropeRefusedException refusal) when (refusal.Code is "TOO_MANY_STREAMS" or "UNAVAILABLE")
        {
            invocation.Terminal.Detail($"No event stream is available ({refusal.Code}); polling instead.");
        }

        return await invocation.Client.WaitAsync(taskId, invocation.CancellationToken);
    }

    private static string State(TaskState task) => task switch
    {
        { Status: "pending", QueuePosition: > 1 and var place } =>
            string.Create(CultureInfo.InvariantCulture, $"waiting, {place - 1} before it"),
        { Status: "pending" } => "waiting",
        { Status: "processing" } => "running",
        { Error.Code: "CANCELLED" } => "cancelled",
        _ => task.Status,
    };

    /// <summary>
    /// By what such tasks took before; where the server has no such history, by how far this one came. Null where nothing is
    /// known that would be worth showing.
    /// </summary>
    private static TimeSpan? TimeLeft(TaskState task) => task switch
    {
        { Status: "processing", EtaSeconds: { } seconds } => TimeSpan.FromSeconds(seconds),
        { Status: "processing", Progress: > 0 and < 100, Timings.RunMs: > 0 and var ran } =>
            TimeSpan.FromMilliseconds(ran * (100.0 - task.Progress) / task.Progress),
        _ => null,
    };

    /// <summary>Counts down between two reports of the server.</summary>
    private sealed class TimeLeftColumn : ProgressColumn
    {
        private TimeSpan? _left;
        private long _since;
        private TimeProvider _time = TimeProvider.System;

        public void Show(TimeSpan? left, TimeProvider time) => (_left, _since, _time) = (left, time.GetTimestamp(), time);

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
        {
            if (_left is not { } left)
            {
                return new Text("");
            }

            var rest = left - _time.GetElapsedTime(_since);
            return new Text(rest > TimeSpan.Zero ? $"~{Words.Duration(rest)} left" : "any moment", new Style(Color.Grey));
        }
    }
}
