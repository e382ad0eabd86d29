namespace Zoetrope.Server.Generations;

/// <summary>The life of a generation: submit, schedule, drive, sweep.</summary>
internal static class GenerationsFeature
{
    public static IServiceCollection AddGenerations(this IServiceCollection services, GenerationOptions options) => services
        .AddSingleton(options)
        .AddSingleton<GenerationSignals>()
        .AddSingleton<GenerationMetrics>()
        .AddSingleton<GenerationWriter>()
        .AddSingleton<GenerationMedia>()
        .AddSingleton<Routing>()
        .AddSingleton<CallbackUrls>()
        .AddSingleton<CallbackInbox>()
        .AddSingleton<CreditAlerts>()
        .AddSingleton<SubmitLane>()
        .AddSingleton<SubmitGeneration>()
        .AddSingleton<CancelGeneration>()
        .AddSingleton<Batches>()
        .AddSingleton<GenerationReads>()
        .AddSingleton<QueuePositions>()
        .AddSingleton<GenerationDriverTools>()
        .AddSingleton<GenerationDriver>()
        .AddHostedService<GenerationSweeper>();
}
