using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Events;
using Zoetrope.Server.Generations.Batches;
using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Generations.Feeds;
using Zoetrope.Server.Generations.Finding;
using Zoetrope.Server.Generations.Gating;
using Zoetrope.Server.Generations.Reconciling;
using Zoetrope.Server.Generations.Scheduling;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>The life of a generation: schedule, drive, sweep.</summary>
internal static class GenerationsFeature
{
    public static IServiceCollection AddGenerations(this IServiceCollection services, GenerationOptions options) => services
        .AddSingleton(options)
        .AddSingleton<GenerationSignals>()
        .AddSingleton<CommitListener>(static provider => ListenerOf(provider))
        .AddSingleton<TrailReader>(static provider => TrailsOf(provider.GetRequiredService<Database>()))
        .AddSingleton(static provider => OwnerOf(provider))
        .AddSingleton<ProviderHistory>()
        .AddHostedService(static provider => provider.GetRequiredService<ProviderHistory>())
        .AddSingleton<GenerationMetrics>()
        .AddSingleton<GenerationWriter>()
        .AddSingleton<CancelGeneration>()
        .AddSingleton<TaskCare>()
        .AddSingleton<TaskTimeline>()
        .AddSingleton<Shares>()
        .AddWorker<PromptIndex>()
        .AddSingleton<BatchReads>()
        .AddSingleton<RunTimes>()
        .AddHostedService(static provider => provider.GetRequiredService<RunTimes>())
        .AddSingleton<ProgressMeter>()
        .AddSingleton<FeedHub>()
        .AddHostedService(static provider => provider.GetRequiredService<FeedHub>())
        .AddSingleton<GenerationReads>()
        .AddSingleton<QueuePositions>()
        .AddDriving()
        .AddSingleton<KeyChecks>()
        .AddSingleton<ProviderOperations>()
        .AddSingleton<Cases>()
        .AddWorker<Reconciliation>()
        .AddSingleton<IRetention, ProviderMinuteRetention>()
        .AddSingleton<IRetention, AttemptRetention>()
        .AddSingleton<IRetention, GenerationRetention>();

    // What was committed here is told of from here.
    private static CommitListener ListenerOf(IServiceProvider provider)
    {
        var (signals, webhooks) = (provider.GetRequiredService<GenerationSignals>(), provider.GetService<WebhookDispatcher>());
        return submits =>
        {
            signals.Committed(submits);
            webhooks?.WakeSoon();
        };
    }

    // An operator's command has no silo: what it moves is nobody's.
    private static GenerationOwner OwnerOf(IServiceProvider provider) =>
        provider.GetRequiredService<Database>().Dialect is SqlDialect.Postgres && provider.GetService<ILocalSiloDetails>() is { } silo
            ? GenerationOwner.Of(silo)
            : GenerationOwner.Nobody;

    private static TrailReader TrailsOf(Database database) => (accountId, id) =>
        database.ReadAsync(session => GenerationStore.TrailAsync(session, accountId, id));

    // What drives a generation from the queue to its end.
    private static IServiceCollection AddDriving(this IServiceCollection services) => services
        .AddSingleton<Neighbours>()
        .AddSingleton<Departure>()
        .AddSingleton<CallbackUrls>()
        .AddSingleton<CallbackInbox>()
        .AddSingleton<InputUrls>()
        .AddSingleton<JobInputs>()
        .AddSingleton<ProviderJobs>()
        .AddSingleton<AttemptResults>()
        .AddSingleton<IRetention>(static provider => provider.GetRequiredService<AttemptResults>())
        .AddSingleton<ProviderConversation>()
        .AddSingleton<GenerationNews>()
        .AddSingleton<GenerationBooks>()
        .AddSingleton<Failover>()
        .AddSingleton<GateBooks>()
        .AddHostedService<GateWatch>()
        .AddSingleton<SubmitStep>()
        .AddSingleton<LookupStep>()
        .AddSingleton<PollStep>()
        .AddSingleton<IngestStep>()
        .AddSingleton<GenerationDriver>()
        .AddSingleton<QueueClaims>()
        .AddSingleton<QueueEnds>()
        .AddSingleton<DueTasks>()
        .AddHostedService<WakeUps>()
        .AddWorker<Orphans>()
        .AddWorker<QueueStart>();
}
