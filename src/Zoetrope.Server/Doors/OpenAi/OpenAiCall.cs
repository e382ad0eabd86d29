using System.Text.Json;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Paid;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>
/// The paid calls of this door. A replay reads the tasks that were made as the first answer does; by now they may have ended.
/// </summary>
internal sealed class OpenAiCall(PaidCall paid, GenerationReads reads, OpenAiDraftReader drafts, Uploads uploads, ArtifactOptions artifacts)
{
    /// <summary>The generations that the body requests: made now, all or none, or found under their key.</summary>
    /// <param name="context">The request.</param>
    /// <param name="body">Its body.</param>
    /// <param name="media">What the endpoint makes.</param>
    /// <param name="imageFields">The fields that hold input images.</param>
    public async Task<Outcome<IReadOnlyList<Generation>>> SubmitAsync(
        HttpContext context, OpenAiBody body, MediaType media, string[] imageFields)
    {
        var files = string.Concat(body.Files.Select(file => $"{file.Field}={file.Sha256}\n"));
        var making = await paid.RunAsync(
            context,
            body.Root,
            files,
            cancellationToken => ReadAsync(context.Caller(), body, media, imageFields, cancellationToken),
            keep: null);
        return making.Failed(out var problem, out var made) ? problem : await MadeAsync(context.Caller(), made);
    }

    /// <summary>The body within the limit that all doors share.</summary>
    public Task<Outcome<OpenAiBody>> ReadAsync(HttpContext context) => OpenAiBody.ReadAsync(context, artifacts);

    private async ValueTask<Outcome<Drafts>> ReadAsync(
        Caller caller, OpenAiBody body, MediaType media, string[] imageFields, CancellationToken cancellationToken)
    {
        if (OpenAiDraftReader.Count(body.Root, media).Failed(out var problem, out var count))
        {
            return problem;
        }

        // First without the files, which cost work to store: a wrong model or size is refused before.
        var reading = References(body, imageFields);
        if (reading.Failed(out problem, out var references))
        {
            return problem;
        }

        var drafting = drafts.Read(body.Root, media, references);
        if (drafting.Failed(out problem))
        {
            return problem;
        }

        var images = new List<(string Field, string Url)>(references.Count);
        foreach (var reference in references)
        {
            if (body.Files.FirstOrDefault(file => file.Path == reference.Url) is not { } file)
            {
                images.Add(reference);
                continue;
            }

            var uploading = await OpenAiBody.UploadAsync(uploads, caller, file, cancellationToken);
            if (uploading.Failed(out problem, out var url))
            {
                return problem;
            }

            images.Add((reference.Field, url));
        }

        return drafts.Read(body.Root, media, images).Failed(out problem, out var draft)
            ? problem
            : new Drafts(OpenAiDraftReader.Repeat(draft, count)) { CountField = "n" };
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

    // A file is referenced here by its path until it is an upload; no client can send one, because a path is not a URL.
    private static Outcome<IReadOnlyList<(string Field, string Url)>> References(OpenAiBody body, string[] imageFields)
    {
        var found = new List<(string Field, string Url)>();
        foreach (var file in body.Files)
        {
            // Without what is drawn on them they would change another part of the picture than the one that was meant.
            if (file.Field is "mask" or "markup")
            {
                return Problems.InvalidParameter.With(
                    $"No model here accepts a {file.Field}. Describe the change in the prompt.", file.Field, allowed: $"no {file.Field}");
            }

            if (imageFields.Contains(OpenAiBody.FieldOf(file.Field), StringComparer.Ordinal))
            {
                found.Add((file.Field, file.Path));
            }
        }

        foreach (var name in imageFields)
        {
            if (body.Root.TryGetProperty(name, out var value)
                && !ValueReader.IsAbsent(value)
                && Add(name, value, found) is { } problem)
            {
                return problem;
            }
        }

        return found;
    }

    private static Problem? Add(string field, JsonElement given, List<(string Field, string Url)> found)
    {
        var value = ValueReader.Structured(given, '[');
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    if (Add(field, item, found) is { } problem)
                    {
                        return problem;
                    }
                }

                return null;
            case JsonValueKind.Object when value.TryGetProperty("image_url", out var url)
                && url.ValueKind == JsonValueKind.Object
                && url.TryGetProperty("url", out var inner):
                return Add($"{field}.image_url.url", inner, found);
            case JsonValueKind.Object when value.TryGetProperty("image_url", out var url):
                return Add($"{field}.image_url", url, found);
            case JsonValueKind.Object when value.TryGetProperty("file_id", out _):
                return Problems.InvalidParameter.With(
                    "This server has no Files API.", $"{field}.file_id", allowed: "a file part, or image_url with an https or data: URL");
            default:
                if (!ValueReader.TryFile(value, out var text)
                    || (!text.StartsWith("data:", StringComparison.OrdinalIgnoreCase) && !text.Contains("://", StringComparison.Ordinal)))
                {
                    return Problems.InvalidParameter.With(
                        $"{field} is neither a file nor a URL.", field, Given.Of(value), "a file part, or an https or data: URL");
                }

                found.Add((field, text));
                return null;
        }
    }
}
