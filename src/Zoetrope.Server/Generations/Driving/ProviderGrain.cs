using Orleans.Concurrency;
using Zoetrope.Server.Providers;

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
    QueueClaims claims, GenerationNews news, TrailReader trails, ProviderRegistry providers, ServerStop stop, ILogger<ProviderGrain> logger)
    : Grain, IProviderGrain
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

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
        while (_again && !stop.HasBegun)
        {
            _again = false;
            try
            {
                while (!stop.HasBegun && await ClaimAsync())
                {
                }
            }
            catch (Exception exception) when (!stop.HasBegun)
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
        var (claimed, ended, more) = await claims.TakeAsync(Provider, providers.Options(Provider).Concurrency, _lastServed);
        if (claimed.Count > 0)
        {
            CrashPoints.Hit("K4");
        }

        foreach (var generation in claimed)
        {
            await GrainFactory.GetGrain<IGenerationGrain>(GenerationGrain.Key(generation.AccountId, generation.Id)).Wake();
        }

        foreach (var (before, transition) in ended)
        {
            await TellAsync(before, transition);
        }

        return more;
    }

    private async Task TellAsync(Generation before, Transition transition)
    {
        Trail.Current = await trails(before.AccountId, before.Id);
        news.Moved(before, transition);
    }

    [LoggerMessage(LogLevel.Error, "The scheduler of {Provider} could not claim work; it tries again at its next tick")]
    private partial void LogPullFailed(Exception exception, string provider);
}
