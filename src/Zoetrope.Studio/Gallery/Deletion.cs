using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Studio.State;
using Zoetrope.Studio.Texts;

namespace Zoetrope.Studio.Gallery;

/// <summary>Results that are hidden at once, and deleted when nobody has regretted it for a while: the server deletes for good.</summary>
internal sealed class Deletion(Session session, TimeProvider time) : Watched
{
    private static readonly TimeSpan Regret = TimeSpan.FromSeconds(8);

    private readonly HashSet<string> _gone = [];

    /// <summary>What can still be had back.</summary>
    public IReadOnlyList<TaskState> Waiting { get; private set; } = [];

    /// <summary>Why something is still there.</summary>
    public string? Trouble { get; private set; }

    public bool Hides(TaskState task) => _gone.Contains(task.Id) || Waiting.Any(waiting => waiting.Id == task.Id);

    public async Task BeginAsync(IReadOnlyList<TaskState> tasks)
    {
        await FinishAsync();
        Waiting = tasks;
        Tell();
        await Task.Delay(Regret, time);
        if (ReferenceEquals(Waiting, tasks))
        {
            await FinishAsync();
        }
    }

    public void Undo()
    {
        Waiting = [];
        Tell();
    }

    /// <summary>Whoever goes on has not regretted it.</summary>
    public async Task FinishAsync()
    {
        var tasks = Waiting;
        (Waiting, Trouble) = ([], null);
        _gone.UnionWith(tasks.Select(task => task.Id));
        foreach (var task in tasks)
        {
            try
            {
                await session.Api.DeleteResultAsync(task.Id);
            }
            catch (ZoetropeException fault)
            {
                _gone.Remove(task.Id);
                Trouble = Failures.Words(fault);
            }
        }

        Tell();
    }
}
