using Zoetrope.Server.Generations.Driving;

namespace Zoetrope.Server.Generations;

/// <summary>
/// Ends the work on a generation's inputs when its customer cancels it. It reads the row, because the wish may be recorded by
/// another node; work that is done before the first look costs nothing.
/// </summary>
internal sealed class CancelWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _cancelled = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    public CancelWatch(GenerationBooks books, Generation generation, TimeProvider time)
    {
        Seen = generation;
        _watching = WatchAsync(books, time);
    }

    /// <summary>Is cancelled when the customer has cancelled.</summary>
    public CancellationToken Token => _cancelled.Token;

    /// <summary>The generation as it was read last.</summary>
    public Generation Seen { get; private set; }

    // As cheap as can be: it is made for every submit, and nearly always at once disposed.
    public ValueTask DisposeAsync()
    {
        _stop.Cancel();
        return EndAsync();
    }

    private async ValueTask EndAsync()
    {
        await _watching;
        _stop.Dispose();
        _cancelled.Dispose();
    }

    private async Task WatchAsync(GenerationBooks books, TimeProvider time)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                if (await books.FindAsync(Seen.AccountId, Seen.Id) is { Cancel: CancelState.Requested } wished)
                {
                    Seen = wished;
                    await _cancelled.CancelAsync();
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        catch (Exception) when (!_stop.IsCancellationRequested)
        {
            // The database is away: the work goes on, and the cancel is seen when it is done.
        }
    }
}
