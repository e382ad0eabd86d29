using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace Zoetrope.Server.Artifacts;

/// <summary>The two steps of an upload: asking for a place (authenticated by the door) and putting the bytes there.</summary>
internal static class UploadEndpoints
{
    private const int MaxCreateBody = 16 * 1024;

    /// <summary>Maps <c>PUT /uploads/{key}</c>; anonymous by design, the signature is the permission.</summary>
    public static void MapUploads(IEndpointRouteBuilder routes, Func<HttpContext, Problem, Task> writeProblem)
    {
        routes.MapPut("/uploads/{key}", async (HttpContext context, Uploads uploads, SignedUrls urls, string key) =>
        {
            AllowAnyOrigin(context.Response);
            if (await PutAsync(context, uploads, urls, key) is { } problem)
            {
                await writeProblem(context, problem);
            }
        }).AllowAnonymous();
        routes.MapMethods("/uploads/{key}", ["OPTIONS"], (HttpContext context) =>
        {
            AllowAnyOrigin(context.Response);
            context.Response.Headers.AccessControlAllowMethods = "PUT";
            context.Response.Headers.AccessControlAllowHeaders = "Content-Type";
            context.Response.Headers.AccessControlMaxAge = "86400";
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }).AllowAnonymous();
    }

    /// <summary>The handler of <c>POST /api/v1/upload</c>; the door authenticates, writes the envelope and passes the account.</summary>
    public static async Task<Outcome<UploadTicket>> CreateAsync(HttpContext context, string accountId, KeyMode mode)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = MaxCreateBody;
        }

        JsonElement body;
        string? contentType;
        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, new JsonDocumentOptions { MaxDepth = 8 }, context.RequestAborted);
            body = document.RootElement.Clone();
            contentType = body.ValueKind == JsonValueKind.Object && body.TryGetProperty("contentType", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The latter: a string that parses as JSON and is no text, as half a surrogate pair.
            return Problems.InvalidJson.With("The body must be a JSON object with contentType and optionally sizeBytes.");
        }
        catch (BadHttpRequestException)
        {
            return Problems.BodyTooLarge.With("The body is larger than this endpoint reads.");
        }

        if (body.ValueKind != JsonValueKind.Object)
        {
            return Problems.InvalidJson.With("The body must be a JSON object with contentType and optionally sizeBytes.");
        }

        long? sizeBytes = null;
        if (body.TryGetProperty("sizeBytes", out var given) && given.ValueKind != JsonValueKind.Null)
        {
            if (given.ValueKind != JsonValueKind.Number || !given.TryGetInt64(out var number))
            {
                return Problems.InvalidParameter.With("sizeBytes must be a whole number.", "sizeBytes", allowed: "1 or more");
            }

            sizeBytes = number;
        }

        return await context.RequestServices.GetRequiredService<Uploads>().CreateAsync(accountId, mode, contentType, sizeBytes);
    }

    private static async Task<Problem?> PutAsync(HttpContext context, Uploads uploads, SignedUrls urls, string key)
    {
        var query = context.Request.Query;
        if (query["exp"].Count != 1 || query["sig"].Count != 1 || !urls.VerifyUpload(key, query["exp"], query["sig"]))
        {
            return Problems.InvalidSignature.With("The upload URL was altered or has expired. Ask for a new one.");
        }

        // The upload's own cap is counted while streaming; the server's general cap is lower than a video's.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = UploadTypes.VideoBytes + 1;
        }

        try
        {
            var received = await uploads.ReceiveAsync(key, context.Request.ContentType, context.Request.Body, context.RequestAborted);
            if (received.Failed(out var problem))
            {
                return problem;
            }

            context.Response.Headers.ETag = $"\"{received.Value.Probe.Sha256}\"";
            context.Response.StatusCode = StatusCodes.Status200OK;
            return null;
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return Problems.BodyTooLarge.With("The body is larger than any upload may be.");
        }
    }

    // Browsers of customers' own pages upload straight to the signed URL; no credential takes part.
    private static void AllowAnyOrigin(HttpResponse response)
    {
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers.AccessControlExposeHeaders = "ETag";
    }
}
