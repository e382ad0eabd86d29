using Zoetrope.Server.Events;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>
/// Notifies everything in this process that needs to know that a generation moved. Hints only: all of them also
/// look for themselves.
/// </summary>
internal sealed class GenerationNews(GenerationSignals signals, RunTimes runTimes, GenerationMetrics metrics, WebhookDispatcher webhooks)
{
    public void Moved(Generation before, Transition transition)
    {
        var next = transition.Next;
        metrics.Moved(before, next);
        runTimes.Record(next);
        signals.Changed(next.AccountId, next.Id);
        if (transition.Announce is not null)
        {
            webhooks.Wake();
        }

        if (next.Status is not GenerationStatus.Running)
        {
            // The slot is free: its provider's scheduler may have a use for it, and a requeued row may have a new provider.
            signals.Queued(before.Provider);
            if (next.Provider != before.Provider)
            {
                signals.Queued(next.Provider);
            }
        }
    }

    public void Fenced() => metrics.Fenced();
}
