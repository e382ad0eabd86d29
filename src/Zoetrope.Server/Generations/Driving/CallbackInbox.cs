using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>
/// Takes what providers call: finds the attempt by the URL's secret, lets the adapter verify and read, keeps the handle of a
/// job whose submit had no answer, and wakes the generation. Early, late, twice and out of order are all the same to it.
/// </summary>
internal sealed partial class CallbackInbox(
    Database database, ProviderRegistry providers, ProviderCallbacks callbacks, TimeProvider time, ILogger<CallbackInbox> logger)
{
    /// <summary>
    /// What the call was; null if no attempt has this callback URL. Its body is read only if one has: a stranger's is not kept.
    /// </summary>
    public async Task<CallbackReading?> ReceiveAsync(
        string provider,
        string token,
        IReadOnlyDictionary<string, string> headers,
        Func<Task<byte[]>> readBody,
        CancellationToken cancellationToken)
    {
        if (CallbackUrls.Read(token) is not { } named
            || providers.Find(provider) is not ICallbackReader reader
            || await database.ReadAsync(session => AttemptStore.FindAsync(session, named.AttemptId)) is not { } attempt
            || !CallbackUrls.Matches(attempt, provider, named.Secret))
        {
            return null;
        }

        var reading = await reader.ReadCallbackAsync(new ProviderCallback(attempt.Id, headers, await readBody()), cancellationToken);
        switch (reading)
        {
            case CallbackReading.Genuine genuine:
                if (genuine.ProviderTaskId is { } handle
                    && attempt is { ProviderTaskId: null, State: AttemptStore.Intended or AttemptStore.Unknown })
                {
                    await AdoptAsync(attempt.Id, handle);
                }

                callbacks.JobChanged(attempt.Id);
                break;
            case CallbackReading.Forged forged:
                LogForged(provider, attempt.Id, forged.Reason);
                break;
        }

        return reading;
    }

    private async Task AdoptAsync(string attemptId, string handle)
    {
        try
        {
            await database.InTransactionAsync(tx => AttemptStore.AdoptAsync(tx, attemptId, handle, time.GetUtcNow()));
        }
        catch (Exception exception) when (database.IsDuplicate(exception))
        {
            // Another attempt took the job at this very moment.
        }
    }

    [LoggerMessage(LogLevel.Warning, "A call to the callback URL of {Provider} for {AttemptId} did not come from the vendor: {Reason}")]
    private partial void LogForged(string provider, string attemptId, string reason);
}
