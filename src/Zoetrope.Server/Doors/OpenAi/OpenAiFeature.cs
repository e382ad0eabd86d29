using Zoetrope.Contracts.OpenAi;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>The door for OpenAI's own clients under <c>/v1</c>: they need a base URL and a key, nothing else.</summary>
internal static class OpenAiFeature
{
    public static IServiceCollection AddOpenAi(this IServiceCollection services, OpenAiOptions options) => services
        .AddSingleton(options)
        .AddSingleton<OpenAiModels>()
        .AddSingleton<OpenAiDraftReader>()
        .AddSingleton<OpenAiCall>();

    public static IEndpointRouteBuilder MapOpenAi(this IEndpointRouteBuilder routes)
    {
        routes.ServiceProvider.GetRequiredService<OpenAiModels>().WarnOfStrayAliases();
        routes.MapOpenAiImages().MapOpenAiVideos();
        routes.MapGet("/v1/models", (Delegate)ListModelsAsync)
            .RequireCaller(Scopes.Read)
            .WithName("openAiListModels")
            .WithSummary("List models (OpenAI)")
            .WithTags("OpenAI")
            .Produces<OpenAiModelList>();
        routes.MapGet("/v1/models/{**id}", (Delegate)ReadModelAsync)
            .RequireCaller(Scopes.Read)
            .WithName("openAiGetModel")
            .WithSummary("Read a model (OpenAI)")
            .WithTags("OpenAI")
            .Produces<OpenAiModel>();
        return routes;
    }

    private static Task ListModelsAsync(HttpContext context)
    {
        context.Response.Headers["X-Request-Id"] = context.TraceIdentifier;
        var list = context.RequestServices.GetRequiredService<OpenAiModels>().List(context.Caller().Mode);
        return OpenAiJson.WriteAsync(context, list, OpenAiJson.Readable.OpenAiModelList);
    }

    // The rest of the path, because some ids have a slash.
    private static Task ReadModelAsync(HttpContext context)
    {
        var id = context.Request.RouteValues["id"] as string ?? "";
        var finding = context.RequestServices.GetRequiredService<OpenAiModels>().Find(id, media: null);
        if (finding.Failed(out var problem, out var model))
        {
            return OpenAiErrors.WriteAsync(context, problem);
        }

        context.Response.Headers["X-Request-Id"] = context.TraceIdentifier;
        return OpenAiJson.WriteAsync(context, OpenAiModels.Describe(id, model), OpenAiJson.Readable.OpenAiModel);
    }
}
