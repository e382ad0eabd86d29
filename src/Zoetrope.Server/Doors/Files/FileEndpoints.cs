using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.S3;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.Files;

/// <summary>Where results and uploads are read: no API key, the URL is the permission.</summary>
internal static class FileEndpoints
{
    public static void MapReads(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/files/{artifactId}/{name}", ["GET", "HEAD"], SignedAsync);
        routes.MapMethods("/files/{key}", ["GET", "HEAD"], UploadAsync);
    }

    // The signature is checked before anything is looked up: without one, nobody learns which ids exist.
    private static async Task<Answer> SignedAsync(
        HttpContext context,
        ArtifactRecords records,
        Posters posters,
        StoredFiles store,
        DirectReads direct,
        SignedUrls urls,
        string artifactId,
        string name)
    {
        var query = context.Request.Query;
        var attachment = query["dl"] == "1";
        if (!Ids.IsValid(Ids.Artifact, artifactId)
            || query["exp"].Count != 1 || query["sig"].Count != 1
            || !urls.VerifyArtifact(artifactId, name, query["exp"], query["sig"], attachment))
        {
            return Problems.InvalidSignature.With("The signed URL was altered or has expired. Read the task again for a new one.");
        }

        return await posters.DrawnAsync(await records.FindSignedAsync(artifactId), context.RequestAborted) is { } artifact
            ? Answer.Unless(await MediaResponse.WriteAsync(
                context, store, artifact, name, attachment, direct, urls.Left(query["exp"].ToString())))
            : MediaResponse.Gone;
    }

    private static async Task<Answer> UploadAsync(
        HttpContext context, Uploads uploads, StoredFiles store, DirectReads direct, string key) =>
        await uploads.FindPublicAsync(key, context.RequestAborted) is { } artifact
            ? Answer.Unless(await MediaResponse.WriteAsync(context, store, artifact, key, direct: direct))
            : MediaResponse.Gone;
}
