using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Events;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary>The VicSee dialect and what is added to it, under <c>/api/v1</c>.</summary>
internal static class VicSeeFeature
{
    public static IServiceCollection AddVicSee(this IServiceCollection services, StreamOptions streams) => services
        .AddSingleton(streams)
        .AddSingleton<OpenStreams>()
        .AddSingleton<TaskFrames>()
        .AddSingleton<EventStreams>()
        .AddSingleton<ModelAnswers>()
        .AddSingleton<TaskRenderer>(static provider => async (accountId, taskId, mayRead) =>
            await provider.GetRequiredService<Database>()
                .ReadAsync(session => GenerationStore.FindAsync(session, accountId, taskId)) is not { } generation ? null
                : mayRead ? provider.GetRequiredService<TaskWriter>().Bare(provider.GetRequiredService<TaskViews>().Of(generation))
                : JsonAnswer.Bare(Receipt.Of(generation), Receipt.Write));

    public static IEndpointRouteBuilder MapVicSee(this IEndpointRouteBuilder routes)
    {
        routes.MapGenerateEndpoints()
            .MapTaskEndpoints()
            .MapCareEndpoints()
            .MapBatchEndpoints()
            .MapEventEndpoints()
            .MapUpscaleEndpoints()
            .MapModelEndpoints()
            .MapAccountEndpoints()
            .MapUsageEndpoints()
            .MapBudgetEndpoints()
            .MapMeEndpoint()
            .MapKeyEndpoints()
            .MapGrantEndpoints()
            .MapAuditEndpoint()
            .MapWebhookEndpoints()
            .MapUploadEndpoint();
        return routes;
    }
}
