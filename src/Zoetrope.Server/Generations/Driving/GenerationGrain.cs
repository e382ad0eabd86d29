using Orleans.Concurrency;
using Orleans.Placement;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>Drives one running generation.</summary>
internal interface IGenerationGrain : IGrainWithStringKey
{
    /// <summary>Look at the row now; returns at once. Safe to lose and to repeat.</summary>
    [OneWay]
    Task Wake();
}

/// <summary>
/// The driver's clockwork: one step at a time, then a timer until the row's next due time. It holds no state that matters;
/// two activations of the same generation are kept apart by the row's version.
/// </summary>
[ActivationCountBasedPlacement, OnStayingNodes]
internal sealed partial class GenerationGrain(
    GenerationDriver driver,
    TrailReader trails,
    Departure departure,
    TimeProvider time,
    ILogger<GenerationGrain> logger) : Grain, IGenerationGrain
{
    // After a failure of our own (the database is down, a bug) the step is tried again, slowly.
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(2);

    private Task _stepping = Task.CompletedTask;
    private IGrainTimer? _timer;
    private bool _again;
    private Trail? _trail;

    public static string Key(string accountId, string generationId) => $"{accountId}/{generationId}";

    public Task Wake()
    {
        if (_trail is null && departure.IsTakenOver)
        {
            // Nothing of this task happened here: whoever stays is woken next. It moves, and is not just ended, because a caller
            // remembers where a grain was: the next wake would make it here again.
            MigrateOnIdle();
            return Task.CompletedTask;
        }

        _again = true;
        if (_stepping.IsCompleted)
        {
            // Not awaited: a turn is short, however long the step.
            _stepping = StepAsync();
        }

        return Task.CompletedTask;
    }

    private async Task StepAsync()
    {
        var key = this.GetPrimaryKeyString();
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        Trail.Current = _trail ?? new Trail(null, null) { TaskId = key[(slash + 1)..] };

        // A server that closes takes no further steps; its rows are picked up when it, or another node, looks. What must not be
        // cut off has been waited for.
        while (_again && !departure.IsOver)
        {
            _again = false;
            TimeSpan wait;
            try
            {
                Trail.Current = _trail ??= await trails(key[..slash], key[(slash + 1)..]);
                var due = await Task.Run(() => driver.StepAsync(key[..slash], key[(slash + 1)..]));
                if (due is null)
                {
                    _timer?.Dispose();
                    DeactivateOnIdle();
                    return;
                }

                wait = due.Value - time.GetUtcNow();
            }
            catch (Exception exception) when (!departure.IsOver)
            {
                LogStepFailed(exception, key[(slash + 1)..]);
                wait = AfterFailure;
            }

            if (wait <= TimeSpan.Zero)
            {
                _again = true;
                continue;
            }

            if (_timer is null)
            {
                _timer = this.RegisterGrainTimer(
                    static (grain, _) => grain.Wake(),
                    this,
                    new GrainTimerCreationOptions
                    {
                        DueTime = wait,
                        Period = Timeout.InfiniteTimeSpan,
                        KeepAlive = true,
                        Interleave = true,
                    });
            }
            else
            {
                _timer.Change(wait, Timeout.InfiniteTimeSpan);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "A step of {GenerationId} failed; it is tried again")]
    private partial void LogStepFailed(Exception exception, string generationId);
}
