using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Artifacts;
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
        .AddSingleton<TaskWriter>()
        .AddSingleton<TaskRenderer>(static provider => async (accountId, taskId) =>
            await provider.GetRequiredService<Database>().ReadAsync(session => GenerationStore.FindAsync(session, accountId, taskId)) is { } generation
                ? provider.GetRequiredService<TaskWriter>().Bare(generation)
                : null);

    public static IEndpointRouteBuilder MapVicSee(this IEndpointRouteBuilder routes)
    {
        routes.MapGenerateEndpoints().MapTaskEndpoints().MapBatchEndpoints().MapEventEndpoints().MapUpscaleEndpoints().MapModelEndpoints().MapAccountEndpoints().MapWebhookEndpoints();
        routes.MapPost("/api/v1/upload", (Delegate)UploadAsync)
            .RequireCaller(Scopes.Generate)
            .WithName("upload")
            .WithSummary("Get a URL to upload an input file to")
            .WithDescription("`{contentType, sizeBytes?}`. PUT the bytes to `uploadUrl` with exactly that Content-Type, then use `publicUrl` as an input.")
            .WithTags("Uploads")
            .Accepts<UploadRequest>("application/json")
            .Produces<Envelope<UploadTarget>>();
        return routes;
    }

    private static async Task UploadAsync(HttpContext context)
    {
        var caller = context.Caller();
        var creating = await UploadEndpoints.CreateAsync(context, caller.AccountId, caller.Mode);
        if (creating.Failed(out var problem, out var ticket))
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        var target = new UploadTarget(ticket.UploadUrl.AbsoluteUri, ticket.PublicUrl.AbsoluteUri, ticket.Key, WireTime.Text(ticket.ExpiresAt.ToUnixTimeMilliseconds()));
        await context.Response.WriteAsJsonAsync(new Envelope<UploadTarget>(target), UploadJson.Default.EnvelopeUploadTarget, ProblemResponse.ContentType);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Envelope<UploadTarget>))]
internal sealed partial class UploadJson : JsonSerializerContext;
