namespace Zoetrope.Server.Artifacts.Media;

/// <summary>
/// Places for work on strangers' files. Results have their own, so that no input holds them up; of the places for inputs an
/// account has at most half, and it waits in the queue with no more than that, so that nobody stands behind one account's hundred.
/// </summary>
/// <param name="places">For results, and as many for inputs.</param>
internal sealed class MediaPlaces(int places) : IDisposable
{
    private readonly SemaphoreSlim _results = new(places);
    private readonly SemaphoreSlim _inputs = new(places);
    private readonly HostSlots _shares = new(Math.Max(1, places / 2));

    /// <summary>Waits for a place; disposing the answer gives it back.</summary>
    /// <param name="account">Whose input it is; null for a result.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IDisposable> TakeAsync(string? account, CancellationToken cancellationToken)
    {
        if (account is null)
        {
            await _results.WaitAsync(cancellationToken);
            return new Place(_results, null);
        }

        var share = await _shares.TakeAsync(account, cancellationToken);
        try
        {
            await _inputs.WaitAsync(cancellationToken);
            return new Place(_inputs, share);
        }
        catch
        {
            share.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _results.Dispose();
        _inputs.Dispose();
    }

    private sealed class Place(SemaphoreSlim places, IDisposable? share) : IDisposable
    {
        public void Dispose()
        {
            places.Release();
            share?.Dispose();
        }
    }
}
