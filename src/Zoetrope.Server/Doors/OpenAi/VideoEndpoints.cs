using Zoetrope.Contracts.OpenAi;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary><c>POST /v1/videos</c>: make a video, in the words of OpenAI's Videos API.</summary>
internal static class VideoEndpoints
{
    private const string Example =
        """{"model": "seedance-2-0", "prompt": "A red fox runs through snow at sunset", "seconds": "8", "size": "1280x720"}""";

    public static IEndpointRouteBuilder MapOpenAiVideos(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/videos", CreateAsync)
            .RequireProgram(Scopes.Generate)
            .WithName("openAiCreateVideo")
            .WithSummary("Start a video (OpenAI)")
            .WithDescription(
                "`input_reference` is the first frame: a file part or `{image_url}`. A file or URL in a field that nothing uses "
                + "is refused.")
            .WithTags("OpenAI")
            .WithIdempotencyKey()
            .WithCreditConfirmation()
            .WithAttribution()
            .WithExample(Example)
            .Accepts<OpenAiVideoRequest>("application/json", "multipart/form-data")
            .Produces<OpenAiVideo>();
        return routes.MapOpenAiVideoReads();
    }

    private static async Task<Answer> CreateAsync(HttpContext context, OpenAiCall call, OpenAiVideos videos)
    {
        if ((await call.ReadAsync(context)).Failed(out var problem, out var body))
        {
            return problem;
        }

        using (body)
        {
            return (await call.SubmitAsync(context, body, MediaType.Video, "input_reference")).Failed(out problem, out var made)
                ? problem
                : videos.Show(made[0]);
        }
    }
}
