using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Gating;

/// <summary>
/// The gates of the whole cluster. A node decides by what it last read and asks the database for nothing while a provider works:
/// the intent of a submit is refused where the row has moved on since (<see cref="GateMovedException"/>), and who reads it then
/// knows. What a submit proves is written down only where it changes something.
/// </summary>
internal sealed partial class GateBooks(
    Database database, ProviderRegistry providers, TimeProvider time, ILogger<GateBooks> logger)
{
    /// <summary>The key of the next submit, or why there is none now. Only a probe is agreed upon with the other nodes.</summary>
    public async ValueTask<GateTurn> TakeAsync(string provider)
    {
        var gate = providers.Gate(provider);
        while (true)
        {
            var turn = gate.Take();
            if (!turn.IsProbe || await ProbeAsync(gate))
            {
                return turn.IsProbe ? gate.TakeProbe() : turn;
            }
        }
    }

    /// <summary>Learns from what a submit proved, at once; returns when the other nodes can know.</summary>
    public Task ReportAsync(string provider, ProviderKey key, SubmitResult result)
    {
        var gate = providers.Gate(provider);
        return gate.Learn(key, result) ? TryAsync(gate, WriteAsync) : Task.CompletedTask;
    }

    /// <summary>The probe is on its way: the others wait until it has an answer.</summary>
    public Task ProbeSentAsync(string provider) =>
        TryAsync(providers.Gate(provider), gate => SwapAsync(gate, gate.ProbeSent()));

    /// <summary>Reads one gate anew.</summary>
    public async Task RefreshAsync(string provider)
    {
        var gate = providers.Gate(provider);
        await gate.Writing.WaitAsync();
        try
        {
            gate.See(await database.ReadAsync(session => GateStore.FindAsync(session, provider)));
        }
        finally
        {
            gate.Writing.Release();
        }
    }

    /// <summary>Reads all gates, and writes what could not be written before. Nothing is asked where only the sandbox works.</summary>
    public async Task RefreshAllAsync()
    {
        var guarded = providers.Gates.Where(gate => gate.IsGuarded).ToList();
        if (guarded.Count == 0)
        {
            return;
        }

        var rows = await database.ReadAsync(GateStore.AllAsync);
        foreach (var gate in guarded)
        {
            if (rows.TryGetValue(gate.Provider, out var row) && row.Version > gate.Version)
            {
                await SeeAsync(gate, row);
            }

            if (gate.Unwritten() is not null)
            {
                await TryAsync(gate, WriteAsync);
            }
        }
    }

    private static async Task SeeAsync(ProviderGate gate, SharedGate row)
    {
        await gate.Writing.WaitAsync();
        try
        {
            // What this node has written meanwhile is newer than what it had read.
            if (row.Version > gate.Version)
            {
                gate.See(row);
            }
        }
        finally
        {
            gate.Writing.Release();
        }
    }

    private async Task<bool> ProbeAsync(ProviderGate gate)
    {
        await gate.Writing.WaitAsync();
        try
        {
            return gate.Probe() is { } change && await SwapAsync(gate, change);
        }
        finally
        {
            gate.Writing.Release();
        }
    }

    private async Task WriteAsync(ProviderGate gate)
    {
        while (gate.Unwritten() is { } change)
        {
            await SwapAsync(gate, change);
        }
    }

    private async Task TryAsync(ProviderGate gate, Func<ProviderGate, Task> write)
    {
        await gate.Writing.WaitAsync();
        try
        {
            await write(gate);
        }
        catch (Exception exception) when (database.MayPass(exception))
        {
            // This node goes by what it learned; the next look writes it.
        }
        finally
        {
            gate.Writing.Release();
        }
    }

    // Where another node was quicker its row is read, and what was learned here comes on top of it.
    private async Task<bool> SwapAsync(ProviderGate gate, GateChange change)
    {
        var now = time.GetUtcNow();
        if (await database.InTransactionAsync(tx => GateStore.SwapAsync(tx, gate.Provider, change, now)))
        {
            gate.Written(change);
            Tell(gate.Provider, change, now);
            return true;
        }

        gate.See(await database.ReadAsync(session => GateStore.FindAsync(session, gate.Provider)));
        return false;
    }

    // Once in the cluster: by the node whose write it was.
    private void Tell(string provider, GateChange change, DateTimeOffset now)
    {
        var (before, next) = (change.Over.State, change.Next);
        if (next.Opened > before.Opened)
        {
            LogOpened(provider, next.Failures, Rounded(next.OpenUntil - now), next.Reason);
        }

        foreach (var (key, rest) in next.Keys.Where(key => key.Value.Refusals > (before.Keys.GetValueOrDefault(key.Key)?.Refusals ?? 0)))
        {
            LogStopped(provider, key, Rounded(rest.Until - now), rest.Reason);
        }
    }

    private static TimeSpan Rounded(TimeSpan pause) => TimeSpan.FromSeconds(Math.Ceiling(pause.TotalSeconds));

    [LoggerMessage(LogLevel.Error, "{Provider} failed {Failures} submits in a row and is paused for {Pause}: {Reason}")]
    private partial void LogOpened(string provider, int failures, TimeSpan pause, string reason);

    [LoggerMessage(LogLevel.Error,
        "{Provider} rejects key {Key}; the key is not used for {Pause}: {Reason}. Top up the account or replace the key")]
    private partial void LogStopped(string provider, string key, TimeSpan pause, string reason);
}

/// <summary>The gate has changed since this submit was let through: nothing was sent, and it asks again.</summary>
internal sealed class GateMovedException() : Exception("The gate has changed since the submit was let through.");
