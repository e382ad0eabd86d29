namespace Zoetrope.Server.Generations.Driving;

/// <summary>What drives a generation from the queue to its end.</summary>
internal static class DrivingFeature
{
    public static IServiceCollection AddDriving(this IServiceCollection services) => services
        .AddSingleton<CallbackUrls>()
        .AddSingleton<CallbackInbox>()
        .AddSingleton<InputUrls>()
        .AddSingleton<JobInputs>()
        .AddSingleton<ProviderJobs>()
        .AddSingleton<ProviderConversation>()
        .AddSingleton<GenerationNews>()
        .AddSingleton<GenerationBooks>()
        .AddSingleton<Failover>()
        .AddSingleton<SubmitStep>()
        .AddSingleton<LookupStep>()
        .AddSingleton<PollStep>()
        .AddSingleton<IngestStep>()
        .AddSingleton<GenerationDriver>()
        .AddSingleton<QueueClaims>()
        .AddHostedService<WakeUps>()
        .AddHostedService<QueueStart>()
        .AddHostedService<GenerationSweeper>();
}
