namespace Zoetrope.Server.Artifacts;

/// <summary>
/// How many downloads may run from one host at a time. Memory then follows the number of hosts, not of results; and a slow host
/// keeps only its own waiting. The same holds for accounts and what they have read (<see cref="Media.MediaPlaces"/>).
/// </summary>
internal sealed class HostSlots(int perHost)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Host> _hosts = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Waits for a slot; disposing the answer gives it back.</summary>
    public async Task<IDisposable> TakeAsync(string name, CancellationToken cancellationToken)
    {
        Host host;
        lock (_lock)
        {
            if (!_hosts.TryGetValue(name, out host!))
            {
                _hosts[name] = host = new Host(new SemaphoreSlim(perHost));
            }

            host.Users++;
        }

        try
        {
            await host.Slots.WaitAsync(cancellationToken);
            return new Slot(this, name, host);
        }
        catch
        {
            Leave(name, host);
            throw;
        }
    }

    // Some vendors serve each result from a different host: a host that nobody uses is forgotten.
    private void Leave(string name, Host host)
    {
        lock (_lock)
        {
            if (--host.Users == 0)
            {
                _hosts.Remove(name);
            }
        }
    }

    private sealed class Host(SemaphoreSlim slots)
    {
        public SemaphoreSlim Slots { get; } = slots;

        public int Users { get; set; }
    }

    private sealed class Slot(HostSlots owner, string name, Host host) : IDisposable
    {
        public void Dispose()
        {
            host.Slots.Release();
            owner.Leave(name, host);
        }
    }
}
