using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Paid;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>POST /api/v1/tools/upscale-image</c> and <c>upscale-video</c>: the upscale models with a body of their own.</summary>
internal static class UpscaleEndpoints
{
    public static IEndpointRouteBuilder MapUpscaleEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(
            "/api/v1/tools/upscale-image", static (HttpContext context, PaidCall paid) => paid.AnswerAsync(context, UpscaleForm.Image))
            .RequireCaller(Scopes.Generate)
            .WithName("upscaleImage")
            .WithSummary("Upscale an image")
            .WithDescription("`{image_url, upscale_factor?: \"1\"|\"2\"|\"4\"}`. Priced by output megapixels: to 24, 48 and 96.")
            .WithTags("Generate")
            .WithIdempotencyKey()
            .WithCreditConfirmation()
            .WithAttribution()
            .Accepts<UpscaleImageRequest>("application/json")
            .Produces<Envelope<UpscaleCreated>>();
        routes.MapPost(
            "/api/v1/tools/upscale-video", static (HttpContext context, PaidCall paid) => paid.AnswerAsync(context, UpscaleForm.Video))
            .RequireCaller(Scopes.Generate)
            .WithName("upscaleVideo")
            .WithSummary("Upscale a video of at most 60 s")
            .WithDescription("`{video_url, upscale_factor?: \"1\"|\"2\"|\"4\"}`. Priced by started second of the input.")
            .WithTags("Generate")
            .WithIdempotencyKey()
            .WithCreditConfirmation()
            .WithAttribution()
            .Accepts<UpscaleVideoRequest>("application/json")
            .Produces<Envelope<UpscaleCreated>>();
        return routes;
    }
}
