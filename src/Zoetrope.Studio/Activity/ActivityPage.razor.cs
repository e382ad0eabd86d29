using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.State;

namespace Zoetrope.Studio.Activity;

/// <summary>What runs and waits, what was not made, and batches. It is the server's list, kept true by the stream of events.</summary>
public sealed partial class ActivityPage
{
    private const int Most = 100;
    private const int MostFailed = 20;

    private readonly Dictionary<string, TaskState> _listed = [];
    private IReadOnlyList<BatchState> _batches = [];
    private int _over = -1;

    private IEnumerable<TaskState> All => _listed.Values.Select(Feed.Latest).Concat(Feed.Tasks.Where(task => !_listed.ContainsKey(task.Id)));

    private List<TaskState> Running => [.. All.Where(task => !Feed.IsOver(task)).OrderBy(task => task.Id, StringComparer.Ordinal)];

    private List<TaskState> Failed => [.. All.Where(task => task.Status == "failed").OrderByDescending(task => task.Id, StringComparer.Ordinal).Take(MostFailed)];

    protected override async Task OnInitializedAsync()
    {
        Watch(Feed);
        Watch(Catalogue);
        Feed.Changed += Count;
        await base.OnInitializedAsync();
    }

    protected override async Task LoadAsync()
    {
        await Task.WhenAll(Catalogue.LoadAsync(), Feed.BeginAsync(), LoadBatchesAsync());
        foreach (var (status, limit) in ((string, int)[])[("pending", Most), ("processing", Most), ("failed", MostFailed)])
        {
            foreach (var task in (await Session.Api.ListAsync(new TaskQuery { Status = status, Limit = limit })).Tasks)
            {
                _listed[task.Id] = task;
            }
        }
    }

    public override void Dispose()
    {
        Feed.Changed -= Count;
        base.Dispose();
    }

    private async Task LoadBatchesAsync() => _batches = (await Session.Api.ListBatchesAsync(MostFailed)).Batches;

    // A batch tells nothing by itself: it is read again when one of its tasks has ended.
    private void Count()
    {
        var over = Feed.Tasks.Count(task => task.BatchId is not null && Feed.IsOver(task));
        if (over != _over && _over >= 0 && IsLoaded)
        {
            _ = InvokeAsync(() => TryAsync(LoadBatchesAsync));
        }

        _over = over;
    }

    private Task StopAsync(TaskState task) => TryAsync(async () =>
    {
        if ((await Session.Api.CancelAsync(task.Id)).Task is { } asked)
        {
            _listed[asked.Id] = asked;
            Feed.Put(asked);
        }
    });

    private Task StopBatchAsync(BatchState batch) => TryAsync(async () =>
    {
        await Session.Api.CancelBatchAsync(batch.Id);
        await LoadBatchesAsync();
    });
}
