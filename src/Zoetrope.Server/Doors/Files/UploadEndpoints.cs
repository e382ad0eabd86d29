using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.Files;

/// <summary>The second step of an upload: putting the bytes at the place that <c>POST /api/v1/upload</c> answered.</summary>
internal static class UploadEndpoints
{
    /// <summary>Maps <c>PUT /uploads/{key}</c>; anonymous by design, the signature is the permission.</summary>
    public static void MapUploads(this IEndpointRouteBuilder routes)
    {
        // A file has the limit of its type, which is counted while it is stored.
        routes.MapPut("/uploads/{key}", PutAsync).WithMetadata(new FileLimit(UploadTypes.VideoBytes + 1));
        routes.MapMethods("/uploads/{key}", ["OPTIONS"], static (HttpContext context) =>
        {
            AllowAnyOrigin(context.Response);
            context.Response.Headers.AccessControlAllowMethods = "PUT";
            context.Response.Headers.AccessControlAllowHeaders = "Content-Type";
            context.Response.Headers.AccessControlMaxAge = "86400";
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
    }

    private static async Task<Answer> PutAsync(HttpContext context, Uploads uploads, SignedUrls urls, string key)
    {
        AllowAnyOrigin(context.Response);
        var query = context.Request.Query;
        if (query["exp"].Count != 1 || query["sig"].Count != 1 || !urls.VerifyUpload(key, query["exp"], query["sig"]))
        {
            return Problems.InvalidSignature.With("The upload URL was altered or has expired. Request a new one.");
        }

        try
        {
            var received = await uploads.ReceiveAsync(key, context.Request.ContentType, context.Request.Body, context.RequestAborted);
            if (received.Failed(out var problem, out var artifact))
            {
                return problem;
            }

            context.Response.Headers.ETag = $"\"{artifact.Probe.Sha256}\"";
            return Answer.Written;
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            BodyLimit.HangUp(context);
            return Problems.BodyTooLarge.With(
                "The body is larger than the limit for uploads.", allowed: UploadTypes.LimitText("video/mp4"));
        }
    }

    // Browsers of customers' own pages upload straight to the signed URL; no credential takes part.
    private static void AllowAnyOrigin(HttpResponse response)
    {
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers.AccessControlExposeHeaders = "ETag";
    }
}
