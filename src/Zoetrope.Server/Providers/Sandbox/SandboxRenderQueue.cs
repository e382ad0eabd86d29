using Zoetrope.Workers;

namespace Zoetrope.Server.Providers.Sandbox;

/// <summary>
/// First come, first served, over a bounded number of workers. Only its own memory: a job it has lost is put in again by a poll.
/// </summary>
internal sealed class SandboxRenderQueue : IDisposable
{
    private const int MaxDeaths = 3;
    private readonly Lock _lock = new();
    private readonly LinkedList<Entry> _waiting = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Stack<RenderProcess> _idle = new();
    private readonly List<RenderProcess> _workers = [];

    public SandboxRenderQueue(SandboxOptions options, TimeProvider time)
    {
        for (var i = 0; i < Math.Max(1, options.Slots); i++)
        {
            _workers.Add(new RenderProcess(options, time));
            _idle.Push(_workers[i]);
        }
    }

    /// <summary>Process ids of the workers that run now, for tests.</summary>
    public IEnumerable<int> WorkerProcessIds => _workers.Select(static worker => worker.ProcessId).OfType<int>();

    /// <summary>Queues the job unless it is here already; <paramref name="ended"/> hears how it ended, except when cancelled.</summary>
    public void Enqueue(RenderJob job, Action<RenderReport> ended)
    {
        lock (_lock)
        {
            if (_entries.ContainsKey(job.Id))
            {
                return;
            }

            var entry = new Entry(job, ended);
            _entries.Add(job.Id, entry);
            _waiting.AddLast(entry);
        }

        Next();
    }

    /// <summary>Progress of a job in render, or its place in the queue (from 1); null when it is not here.</summary>
    public (int Progress, int? Position)? Look(string id)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(id, out var entry))
            {
                return null;
            }

            var position = 1;
            foreach (var other in _waiting)
            {
                if (other == entry)
                {
                    return (0, position);
                }

                position++;
            }

            return (entry.Progress, null);
        }
    }

    /// <summary>Takes the job out and stops its render.</summary>
    public void Cancel(string id)
    {
        lock (_lock)
        {
            if (_entries.Remove(id, out var entry))
            {
                _waiting.Remove(entry);
                entry.Stop.Cancel();
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _waiting.Clear();
            foreach (var entry in _entries.Values)
            {
                entry.Stop.Cancel();
            }

            _entries.Clear();
        }

        _workers.ForEach(static worker => worker.Dispose());
    }

    private void Next()
    {
        lock (_lock)
        {
            while (_waiting.First is { } first && _idle.TryPop(out var worker))
            {
                _waiting.RemoveFirst();
                _ = Task.Run(() => RunAsync(first.Value, worker));
            }
        }
    }

    private async Task RunAsync(Entry entry, RenderProcess worker)
    {
        // The worker comes from another task's rendering.
        Trail.Current = entry.Trail;
        RenderReport? report = null;
        try
        {
            for (var deaths = 0; report is null && deaths < MaxDeaths; deaths++)
            {
                report = await worker.RenderAsync(entry.Job, progress => entry.Progress = Math.Clamp(progress, 0, 99), entry.Stop.Token);
            }

            report ??= new RenderReport(entry.Job.Id, 0, Error: "The renderer died repeatedly.");
        }
        catch (OperationCanceledException) when (entry.Stop.IsCancellationRequested)
        {
            File.Delete(entry.Job.Path);
            File.Delete(entry.Job.Path + ".wav");
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            report = new RenderReport(entry.Job.Id, 0, Error: "The renderer failed.", Detail: e.ToString());
        }

        lock (_lock)
        {
            _idle.Push(worker);
        }

        Next();
        if (report is not null)
        {
            // Told first, forgotten second: a poll in between must not queue it again.
            entry.Ended(report);
            lock (_lock)
            {
                _entries.Remove(entry.Job.Id);
            }
        }
    }

    private sealed class Entry(RenderJob job, Action<RenderReport> ended)
    {
        public RenderJob Job { get; } = job;

        public Action<RenderReport> Ended { get; } = ended;

        public CancellationTokenSource Stop { get; } = new();

        public Trail? Trail { get; } = Trail.Current;

        public int Progress { get; set; }
    }
}
