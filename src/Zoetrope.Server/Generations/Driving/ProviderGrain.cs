using Orleans.Concurrency;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>One scheduler per provider in the whole cluster.</summary>
internal interface IProviderGrain : IGrainWithStringKey
{
    /// <summary>Work was queued, or slots came free; safe to lose and to repeat.</summary>
    [OneWay]
    Task Signal();

    /// <summary>Makes sure that the scheduler exists and ticks.</summary>
    Task Start();
}

/// <summary>
/// Hands the provider's slots to queued generations: live before test, and account after account in a round, so that
/// nobody's thousand tasks delay another's first. The claim is a guarded update; this grain holds nothing that a second
/// activation could break.
/// </summary>
internal sealed partial class ProviderGrain(
    Database database,
    ProviderRegistry providers,
    CatalogHolder catalog,
    GenerationWriter writer,
    GenerationOptions options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ProviderGrain> logger) : Grain, IProviderGrain
{
    private const int ClaimsInOneTransaction = 64;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private static readonly KeyMode[] LiveFirst = [KeyMode.Live, KeyMode.Test];

    private readonly Dictionary<KeyMode, (string Account, string Id)> _lastServed = [];
    private Task _pulling = Task.CompletedTask;
    private bool _again;

    private string Provider => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(
            static (grain, _) => grain.Signal(),
            this,
            new GrainTimerCreationOptions { DueTime = Tick, Period = Tick, KeepAlive = true, Interleave = true });
        return Task.CompletedTask;
    }

    public Task Start() => Signal();

    public Task Signal()
    {
        _again = true;
        if (_pulling.IsCompleted)
        {
            _pulling = PullAsync();
        }

        return Task.CompletedTask;
    }

    private async Task PullAsync()
    {
        while (_again && !lifetime.ApplicationStopping.IsCancellationRequested)
        {
            _again = false;
            try
            {
                while (await ClaimAsync())
                {
                }
            }
            catch (Exception exception) when (!lifetime.ApplicationStopping.IsCancellationRequested)
            {
                // The next tick tries again.
                LogPullFailed(exception, Provider);
                return;
            }
        }
    }

    /// <summary>Claims up to one transaction's worth; true when there may be more to claim.</summary>
    private async Task<bool> ClaimAsync()
    {
        var running = await database.ReadAsync(session => GenerationStore.CountRunningAsync(session, Provider));
        var free = providers.Options(Provider).Concurrency - (int)running;
        if (free <= 0)
        {
            return false;
        }

        // A look before the transaction: an idle provider's tick must not cost an fsync.
        var now = time.GetUtcNow();
        if (!await database.ReadAsync(async session =>
                await GenerationStore.NextQueuedAsync(session, Provider, KeyMode.Live, "", "", now) is not null ||
                await GenerationStore.NextQueuedAsync(session, Provider, KeyMode.Test, "", "", now) is not null))
        {
            return false;
        }

        var wanted = Math.Min(free, ClaimsInOneTransaction);
        var rounds = new Dictionary<KeyMode, (string, string)>(_lastServed);
        var (claimed, ended) = await database.InTransactionAsync(tx => ClaimInAsync(tx, wanted, rounds));
        foreach (var (mode, last) in rounds)
        {
            _lastServed[mode] = last;
        }

        CrashPoints.Hit("K4");
        foreach (var generation in claimed)
        {
            await GrainFactory.GetGrain<IGenerationGrain>(GenerationGrain.Key(generation.AccountId, generation.Id)).Wake();
        }

        return claimed.Count + ended == wanted;
    }

    private async Task<(List<Generation> Claimed, int Ended)> ClaimInAsync(Tx tx, int wanted, Dictionary<KeyMode, (string Account, string Id)> rounds)
    {
        var now = time.GetUtcNow();
        var claimed = new List<Generation>();
        var ended = 0;
        foreach (var mode in LiveFirst)
        {
            var wrapped = false;
            while (claimed.Count + ended < wanted)
            {
                // Behind the last served account comes the next account's oldest; behind the last account, the first again.
                var account = rounds.TryGetValue(mode, out var last) ? last.Account : "";
                var generation = await GenerationStore.NextQueuedAsync(tx, Provider, mode, account, "~", now);
                if (generation is null && wrapped)
                {
                    break;
                }

                if (generation is null)
                {
                    wrapped = true;
                    rounds[mode] = ("", "");
                    continue;
                }

                wrapped = false;
                rounds[mode] = (generation.AccountId, generation.Id);
                if (await TakeAsync(tx, generation, now) is { } taken)
                {
                    claimed.Add(taken);
                }
                else
                {
                    ended++;
                }
            }
        }

        return (claimed, ended);
    }

    private async Task<Generation?> TakeAsync(Tx tx, Generation generation, DateTimeOffset now)
    {
        var tooOld = now - generation.CreatedAt > TimeSpan.FromHours(options.MaxQueuedHours) || now >= generation.DeadlineAt;
        GenerationEvent happened = tooOld
            ? new GenerationEvent.DeadlineStopped()
            : new GenerationEvent.Claimed(GenerationDriver.Deadline(catalog.Current, generation.Model));
        var transition = GenerationTransitions.Apply(generation, happened, now);

        // A version that moved means that somebody cancelled it between the read and here; on SQLite that cannot happen.
        return await writer.SaveAsync(tx, generation, transition, now) && !tooOld ? transition.Next : null;
    }

    [LoggerMessage(LogLevel.Error, "The scheduler of {Provider} could not claim work; it tries again at its next tick")]
    private partial void LogPullFailed(Exception exception, string provider);
}
