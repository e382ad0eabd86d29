using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Paid;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>
/// The paid calls of this door. A replay reads the tasks that were made as the first answer does; by now they may have ended.
/// </summary>
internal sealed class OpenAiCall(PaidCall paid, GenerationReads reads, OpenAiDraftReader drafts, FreeSpace space, ArtifactOptions artifacts)
{
    /// <summary>The generations that the body requests: made now, all or none, or found under their key.</summary>
    /// <param name="context">The request.</param>
    /// <param name="body">Its body.</param>
    /// <param name="media">What the endpoint makes.</param>
    /// <param name="pictureField">The endpoint's own name of an input picture.</param>
    /// <param name="needsPicture">Whether there must be one.</param>
    /// <param name="closed">Why nothing new may be made; what was made under the key before is found all the same.</param>
    public async Task<Outcome<IReadOnlyList<Generation>>> SubmitAsync(
        HttpContext context, OpenAiBody body, MediaType media, string pictureField, bool needsPicture = false, Problem? closed = null)
    {
        var files = string.Concat(body.Files.Select(file => $"{file.Field}={file.Sha256}\n"));
        var making = await paid.RunAsync(
            context,
            body.Root,
            files,
            _ => ValueTask.FromResult(closed ?? Read(body, media, pictureField, needsPicture)),
            keep: null);
        return making.Failed(out var problem, out var made) ? problem : await MadeAsync(context.Caller(), made);
    }

    /// <summary>The body within the limit that all doors share.</summary>
    public Task<Outcome<OpenAiBody>> ReadAsync(HttpContext context) => OpenAiBody.ReadAsync(context, space, artifacts);

    private Outcome<Drafts> Read(OpenAiBody body, MediaType media, string pictureField, bool needsPicture)
    {
        if (OpenAiDraftReader.Count(body.Root, media).Failed(out var problem, out var count)
            || OpenAiPictures.Read(body, pictureField).Failed(out problem, out var pictures))
        {
            return problem;
        }

        if (needsPicture && pictures.Count == 0)
        {
            return Problems.MissingParameter.With(
                "image is required.", "image", allowed: "file parts image or image[], or in JSON image: an https or data: URL");
        }

        return drafts.Read(body.Root, media, pictures, pictureField).Failed(out problem, out var draft)
            ? problem
            : new Drafts(OpenAiDraftReader.Repeat(draft with { Files = OpenAiPictures.Files(body) }, count)) { CountField = "n" };
    }

    private async Task<Outcome<IReadOnlyList<Generation>>> MadeAsync(Caller caller, Committed made)
    {
        var generations = new List<Generation>(made.TaskIds.Count);
        foreach (var id in made.TaskIds)
        {
            if (await reads.FindAsync(caller.AccountId, caller.Mode, id) is not { } generation)
            {
                return Problems.TaskNotFound.With(
                    "The task of this Idempotency-Key no longer exists. Use a new key.", "Idempotency-Key", id);
            }

            generations.Add(generation);
        }

        return generations;
    }
}
