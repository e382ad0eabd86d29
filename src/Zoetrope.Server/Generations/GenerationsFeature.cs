using Zoetrope.Server.Admission;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Generations.Batches;
using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Generations;

/// <summary>The life of a generation: submit, schedule, drive, sweep.</summary>
internal static class GenerationsFeature
{
    public static IServiceCollection AddGenerations(this IServiceCollection services, GenerationOptions options) => services
        .AddSingleton(options)
        .AddSingleton<GenerationSignals>()
        .AddSingleton<GenerationMetrics>()
        .AddSingleton<GenerationWriter>()
        .AddSingleton<Routing>()
        .AddSingleton<CreditAlerts>()
        .AddSingleton<CommitLane>()
        .AddSingleton<SubmitGeneration>()
        .AddSingleton<CancelGeneration>()
        .AddSingleton<BatchReads>()
        .AddSingleton<RunTimes>()
        .AddHostedService(static provider => provider.GetRequiredService<RunTimes>())
        .AddSingleton<ProgressMeter>()
        .AddSingleton<FeedHub>()
        .AddHostedService(static provider => provider.GetRequiredService<FeedHub>())
        .AddSingleton<GenerationReads>()
        .AddSingleton<QueuePositions>()
        .AddDriving()
        .AddHostedService<KeyPruning>();
}
