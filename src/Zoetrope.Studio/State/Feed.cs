using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Studio.State;

/// <summary>
/// The tasks of the account, as the server lists them and tells of them. Nothing of a task lives in this page: a reload shows the
/// same.
/// </summary>
public sealed class Feed(Session session, TimeProvider time) : Watched
{
    private const int PageSize = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private readonly Dictionary<string, TaskState> _tasks = [];
    private CancellationTokenSource? _ending;
    private string? _mode;
    private string? _older;

    /// <summary>Oldest first, as in a conversation.</summary>
    public IEnumerable<TaskState> Tasks => _tasks.Values.OrderBy(task => task.CreatedAt, StringComparer.Ordinal).ThenBy(task => task.Id, StringComparer.Ordinal);

    public bool IsLoaded { get; private set; }

    public bool HasOlder => _older is not null;

    public bool IsOffline { get; private set; }

    public static bool IsOver(TaskState task) => task.Status is "completed" or "failed" or "cancelled";

    /// <summary>Lists the newest and follows what comes; called again it does nothing.</summary>
    public async Task BeginAsync()
    {
        if (_mode == session.Mode && _ending is not null)
        {
            return;
        }

        if (_mode != session.Mode)
        {
            Stop();
            _tasks.Clear();
            (_older, IsLoaded, _mode) = (null, false, session.Mode);
        }

        _ending = new CancellationTokenSource();
        _ = FollowAsync(_ending.Token);
        await ListAsync(null);
    }

    /// <summary>Gives the connection back, for a page that nobody looks at.</summary>
    public void Stop()
    {
        _ending?.Cancel();
        _ending = null;
    }

    /// <summary>Null where this page has not heard of it.</summary>
    public TaskState? Find(string id) => _tasks.GetValueOrDefault(id);

    /// <summary>A task that was read elsewhere, as it is by now.</summary>
    public TaskState Latest(TaskState task) => IsOver(task) ? task : Find(task.Id) ?? task;

    public Task OlderAsync() => ListAsync(_older);

    public void Put(TaskState task)
    {
        Merge(task);
        Tell();
    }

    public void Forget(string id)
    {
        _tasks.Remove(id);
        Tell();
    }

    private async Task ListAsync(string? cursor)
    {
        var page = await session.Api.ListAsync(new TaskQuery { Limit = PageSize, Cursor = cursor });
        foreach (var task in page.Tasks)
        {
            Merge(task);
        }

        if (cursor is not null || !IsLoaded)
        {
            _older = page.NextCursor;
        }

        IsLoaded = true;
        Tell();
    }

    // A list and an event may arrive in any order: what is over stays over.
    private void Merge(TaskState task)
    {
        if (!_tasks.TryGetValue(task.Id, out var known) || !IsOver(known) || IsOver(task))
        {
            _tasks[task.Id] = task;
        }
    }

    private async Task FollowAsync(CancellationToken ending)
    {
        string? cursor = null;
        while (!ending.IsCancellationRequested)
        {
            try
            {
                await foreach (var told in session.Api.FollowAllAsync(cursor, ending))
                {
                    cursor = told.Cursor;
                    Merge(told.Task);
                    IsOffline = false;
                    Tell();
                    if (told.IsLast)
                    {
                        await session.RefreshAsync();
                    }
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (ZoetropeException)
            {
                IsOffline = true;
                Tell();
            }

            await Task.Delay(Patience, time, CancellationToken.None);
        }
    }
}
