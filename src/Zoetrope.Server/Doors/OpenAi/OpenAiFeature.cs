using Zoetrope.Contracts.OpenAi;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Web;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>The door for OpenAI's own clients under <c>/v1</c>: they need a base URL and a key, nothing else.</summary>
internal static class OpenAiFeature
{
    public static IServiceCollection AddOpenAi(this IServiceCollection services, OpenAiOptions options) => services
        .AddSingleton(options)
        .AddSingleton<OpenAiModels>()
        .AddSingleton<OpenAiDraftReader>()
        .AddSingleton<OpenAiVideos>()
        .AddSingleton<ImageWait>()
        .AddSingleton<ImageAnswer>()
        .AddSingleton(new DialectRoot("/v1", OpenAiErrors.Dialect))
        .AddSingleton<OpenAiCall>();

    public static IEndpointRouteBuilder MapOpenAi(this IEndpointRouteBuilder routes)
    {
        routes.ServiceProvider.GetRequiredService<OpenAiModels>().WarnOfStrayAliases();
        var door = routes.MapGroup("").WithDialect(OpenAiErrors.Dialect);
        door.MapOpenAiImages().MapOpenAiVideos();
        door.MapGet(
            "/v1/models",
            (HttpContext context, OpenAiModels models) => models.Answer(context.Caller()))
            .RequireProgram(Scopes.Read)
            .WithName("openAiListModels")
            .WithSummary("List models (OpenAI)")
            .WithTags("OpenAI")
            .Produces<OpenAiModelList>();
        door.MapGet("/v1/models/{**id}", ReadModel)
            .RequireProgram(Scopes.Read)
            .WithName("openAiGetModel")
            .WithSummary("Read a model (OpenAI)")
            .WithTags("OpenAI")
            .Produces<OpenAiModel>();
        return routes;
    }

    // The rest of the path, because some ids have a slash.
    private static Answer ReadModel(HttpContext context, OpenAiModels models, string? id) =>
        models.Find(id ?? "", media: null, Attached.Nothing).Failed(out var problem, out var model)
            ? problem
            : !context.Caller().Limits.AllowModel(model.Id) ? Admit.NotAllowed(context.Caller(), model.Id)
            : new TaggedAnswer(JsonAnswer.Of(OpenAiModels.Describe(id ?? "", model), OpenAiJson.Default.OpenAiModel)).Answer();
}
