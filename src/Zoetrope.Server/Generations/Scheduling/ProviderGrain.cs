using Orleans.Concurrency;
using Orleans.Placement;
using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations.Scheduling;

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
/// The one scheduler of a provider: fills its places from the queue, ends what waited too long, and wakes running tasks that
/// nobody looks after. It holds nothing that a second activation could break, which a cluster may have for a moment.
/// </summary>
[ActivationCountBasedPlacement, OnStayingNodes]
internal sealed partial class ProviderGrain(
    QueueClaims claims, DueTasks due, QueueEnds ends, ProviderRegistry providers, Departure departure, ILogger<ProviderGrain> logger)
    : Grain, IProviderGrain
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    private readonly Dictionary<KeyMode, string> _served = [];
    private Task _round = Task.CompletedTask;
    private IGrainTimer? _timer;
    private bool _again;
    private long _rounded = Environment.TickCount64;

    private string Provider => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _timer = this.RegisterGrainTimer(
            static (grain, _) => grain.Signal(),
            this,
            new GrainTimerCreationOptions
            {
                DueTime = AfterFailure,
                Period = Timeout.InfiniteTimeSpan,
                KeepAlive = true,
                Interleave = true,
            });
        return Task.CompletedTask;
    }

    // Its own timer ticks; only one that stands still needs a push.
    public Task Start() => Environment.TickCount64 - _rounded > LongestSilence.TotalMilliseconds ? Signal() : Task.CompletedTask;

    public Task Signal()
    {
        _again = true;
        if (_round.IsCompleted)
        {
            _round = RunAsync();
        }

        return Task.CompletedTask;
    }

    private async Task RunAsync()
    {
        var pause = AfterFailure;
        while (_again && departure.MaySchedule)
        {
            _again = false;
            try
            {
                while (departure.MaySchedule && await ClaimAsync())
                {
                }

                pause = await due.WakeAsync(Provider);
            }
            catch (Exception exception) when (departure.MaySchedule)
            {
                LogRoundFailed(exception, Provider);
                due.Failed(exception);
                pause = AfterFailure;
                break;
            }
        }

        _rounded = Environment.TickCount64;
        _timer?.Change(pause, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Claims up to one transaction's worth; true when there may be more to claim.</summary>
    private async Task<bool> ClaimAsync()
    {
        var taken = await claims.TakeAsync(Provider, providers.Options(Provider).Concurrency, _served);
        if (taken.Claimed.Count > 0)
        {
            CrashPoints.Hit("K4");
        }

        foreach (var generation in taken.Claimed)
        {
            await GrainFactory.GetGrain<IGenerationGrain>(GenerationGrain.Key(generation.AccountId, generation.Id)).Wake();
        }

        foreach (var generation in taken.Late)
        {
            await ends.EndAsync(generation);
        }

        return taken.More;
    }

    [LoggerMessage(LogLevel.Error, "The scheduler of {Provider} could not look at its tasks; it tries again in a second")]
    private partial void LogRoundFailed(Exception exception, string provider);
}
