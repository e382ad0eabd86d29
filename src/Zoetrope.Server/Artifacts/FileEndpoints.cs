namespace Zoetrope.Server.Artifacts;

/// <summary>Where results and uploads are read: no API key, the URL is the permission.</summary>
internal sealed class FileEndpoints(ArtifactRecords records, Uploads uploads, IArtifactStore store, SignedUrls urls)
{
    /// <summary>Maps the file routes; all are anonymous by design.</summary>
    /// <param name="writeProblem">The door's writer of error envelopes.</param>
    public static void MapFiles(IEndpointRouteBuilder routes, Func<HttpContext, Problem, Task> writeProblem)
    {
        routes.MapMethods("/files/{artifactId}/{name}", ["GET", "HEAD"], async (HttpContext context, FileEndpoints files, string artifactId, string name) =>
            await AnswerAsync(context, await files.SignedAsync(context, artifactId, name), writeProblem)).AllowAnonymous();
        routes.MapMethods("/files/{key}", ["GET", "HEAD"], async (HttpContext context, FileEndpoints files, string key) =>
            await AnswerAsync(context, await files.UploadAsync(context, key), writeProblem)).AllowAnonymous();
    }

    private static Task AnswerAsync(HttpContext context, Problem? problem, Func<HttpContext, Problem, Task> writeProblem) =>
        problem is null ? Task.CompletedTask : writeProblem(context, problem);

    // The signature is checked before anything is looked up: without one, nobody learns which ids exist.
    private async Task<Problem?> SignedAsync(HttpContext context, string artifactId, string name)
    {
        var query = context.Request.Query;
        var attachment = query["dl"] == "1";
        if (!Ids.IsValid(Ids.Artifact, artifactId)
            || query["exp"].Count != 1 || query["sig"].Count != 1
            || !urls.VerifyArtifact(artifactId, name, query["exp"], query["sig"], attachment))
        {
            return Problems.InvalidSignature.With("The signed URL was altered or has expired. Read the task again for a new one.");
        }

        return await records.FindSignedAsync(artifactId) is { } artifact
            ? await MediaResponse.WriteAsync(context, store, artifact, name, attachment)
            : Problems.FileNotFound.With("The file does not exist or was deleted.");
    }

    private async Task<Problem?> UploadAsync(HttpContext context, string key) =>
        await uploads.FindPublicAsync(key) is { } artifact
            ? await MediaResponse.WriteAsync(context, store, artifact, key)
            : Problems.FileNotFound.With("The file does not exist or was deleted.");
}
