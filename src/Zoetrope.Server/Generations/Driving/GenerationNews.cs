using Zoetrope.Server.Events;
using Zoetrope.Server.Generations.Feeds;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>
/// Notifies everything in this process that needs to know that a generation moved, hints only: all of them also look for
/// themselves. And tells the operator what they may have to act on.
/// </summary>
internal sealed partial class GenerationNews(
    GenerationSignals signals, RunTimes runTimes, GenerationMetrics metrics, WebhookDispatcher webhooks, ILogger<GenerationNews> logger)
{
    public void Moved(Generation before, GenerationEvent happened, Transition transition)
    {
        var next = transition.Next;
        metrics.Moved(before, happened, next);
        runTimes.Record(next);
        signals.Changed(next.AccountId, next.Id);
        if (transition.Announce is not null)
        {
            webhooks.Wake();
        }

        if (next.IsTerminal)
        {
            LogEnd(next);
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

    // In codes: what a vendor says may repeat the prompt.
    private void LogEnd(Generation ended)
    {
        var seconds = (ended.FinishedAt!.Value - ended.CreatedAt).TotalSeconds;
        if (ended.Status is GenerationStatus.Succeeded)
        {
            LogSucceeded(ended.Id, ended.Model, ended.Provider, seconds, ended.Attempts, ended.Charged ?? 0, ended.AccountId);
            return;
        }

        var failure = GenerationJson.Failure(ended);
        var problem = TaskProblem(ended);
        LogEnded(
            ended.Id,
            ended.Status is GenerationStatus.Failed ? "failed" : "was cancelled",
            ended.Model,
            ended.Provider,
            seconds,
            ended.Attempts,
            failure is null ? problem.Code : $"{problem.Code} ({failure.Kind}, {failure.Code})",
            problem.Meaning,
            ended.AccountId);
    }

    private static ProblemKind TaskProblem(Generation ended) => ended.Status is GenerationStatus.Canceled
        ? Problems.Cancelled
        : Problems.Find(ended.ErrorCode) ?? Problems.GenerationFailed;

    /// <summary>Something was learned that is about to be written down.</summary>
    public void Learned(Generation generation, GenerationEvent happened, AttemptOutcome? attempt)
    {
        switch (happened)
        {
            case GenerationEvent.OutcomeLost lost:
                LogOutcomeLost(generation.Id, generation.Provider, lost.Reason);
                break;
            case GenerationEvent.Refused refused when attempt is not null:
                LogRefused(generation.Id, generation.Provider, refused.Error.Kind, refused.Error.VendorCode);
                break;
            case GenerationEvent.DeadlineAbandoned:
                LogAbandoned(generation.Id, generation.Provider);
                break;
        }
    }

    public void Fenced(Generation generation, GenerationEvent happened)
    {
        LogFenced(generation.Id, happened.GetType().Name);
        metrics.Fenced();
    }

    /// <summary>The database did not take it; it is written again and again.</summary>
    public void NotWritten(Generation generation, GenerationEvent happened, Exception exception) =>
        LogNotWritten(exception, generation.Id, happened.GetType().Name);

    public void Written(Generation generation, GenerationEvent happened) => LogWritten(generation.Id, happened.GetType().Name);

    [LoggerMessage(LogLevel.Warning,
        "{GenerationId}: the answer of {Provider} to a submit was lost ({Reason}); looking up the job instead of submitting again")]
    private partial void LogOutcomeLost(string generationId, string provider, string reason);

    [LoggerMessage(LogLevel.Information,
        "{GenerationId} succeeded: {Model} at {Provider} in {Seconds:0.0} s, attempts: {Attempts}, credits: {Credits}, {AccountId}")]
    private partial void LogSucceeded(
        string generationId, string model, string provider, double seconds, int attempts, long credits, string accountId);

    [LoggerMessage(LogLevel.Information,
        "{GenerationId} {End}: {Model} at {Provider} after {Seconds:0.0} s, attempts: {Attempts}, {Code}: {Why} {AccountId}")]
    private partial void LogEnded(
        string generationId,
        string end,
        string model,
        string provider,
        double seconds,
        int attempts,
        string code,
        string why,
        string accountId);

    [LoggerMessage(LogLevel.Information, "{GenerationId}: {Provider} refused the submit: {Kind} {VendorCode}")]
    private partial void LogRefused(string generationId, string provider, ProviderErrorKind kind, string vendorCode);

    [LoggerMessage(LogLevel.Warning,
        "{GenerationId}: {Provider} had not finished when the reconciliation window ended; its possible cost is in suspense")]
    private partial void LogAbandoned(string generationId, string provider);

    [LoggerMessage(LogLevel.Information, "{GenerationId}: {Event} came too late; the row had already changed")]
    private partial void LogFenced(string generationId, string @event);

    [LoggerMessage(LogLevel.Warning,
        "{GenerationId}: the database did not take {Event}. It is kept in memory and written as soon as the database takes it")]
    private partial void LogNotWritten(Exception exception, string generationId, string @event);

    [LoggerMessage(LogLevel.Information, "{GenerationId}: {Event}, which the database did not take before, is written")]
    private partial void LogWritten(string generationId, string @event);
}
