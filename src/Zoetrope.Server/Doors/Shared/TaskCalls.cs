using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>What a caller may do with tasks, at every door. A foreign task is a task that does not exist.</summary>
internal sealed class TaskCalls(GenerationReads reads, CancelGeneration cancel, CatalogHolder catalog)
{
    private static readonly string[] Types = [MediaType.Image.Word(), MediaType.Video.Word()];

    private const int MaxWords = 8;
    private const int MaxText = 200;

    public static Problem NotFound(string id) => Problems.TaskNotFound.With("Task not found", given: id);

    public async ValueTask<Outcome<Generation>> FindAsync(Caller caller, string id) =>
        await reads.FindAsync(caller.AccountId, caller.Mode, id) is { } task ? task : NotFound(id);

    /// <summary>The task when it has ended, or as it is when the wait is over.</summary>
    public async ValueTask<Outcome<Generation>> FindAsync(Caller caller, string id, TimeSpan wait, CancellationToken cancellationToken)
    {
        var found = await FindAsync(caller, id);
        return found.Problem is null && !found.Value.IsTerminal && wait > TimeSpan.Zero
            ? await reads.WaitAsync(caller.AccountId, caller.Mode, id, wait, cancellationToken) is { } task ? task : NotFound(id)
            : found;
    }

    /// <summary>Asks for the end of a task and waits a little for the outcome.</summary>
    public async Task<Outcome<Generation>> CancelAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var generation = Ids.IsValid(Ids.Generation, id)
            ? await cancel.CancelAsync(caller.AccountId, caller.Mode, id, cancellationToken)
            : null;
        return generation switch
        {
            null => NotFound(id),
            { Status: GenerationStatus.Succeeded or GenerationStatus.Failed, Cancel: CancelState.None } =>
                Problems.InvalidOperation.With("The task has already ended and cannot be cancelled.", given: id),
            _ => generation,
        };
    }

    /// <summary>A page of the caller's tasks, newest first, and the cursor of the next.</summary>
    /// <param name="caller">Whose tasks.</param>
    /// <param name="read">
    /// The text of a filter by its name: status, model, family, type, tag, user, member, star, collection, q, from, to, limit and cursor.
    /// </param>
    public async Task<Outcome<(List<Generation> Page, string? Next)>> ListAsync(Caller caller, Func<string, string?> read) =>
        Filter(read).Failed(out var problem, out var filter) ? problem : await reads.ListAsync(caller.AccountId, caller.Mode, filter);

    private static Outcome<Tag?> Tagged(string given) =>
        given.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && colon < given.Length - 1
            ? new Tag(given[..colon], given[(colon + 1)..])
            : Problems.InvalidParameter.With("tag must be a name and a value.", "tag", ShortText.Of(given), "name:value, for example team:red");

    private Outcome<GenerationFilter> Filter(Func<string, string?> read)
    {
        if (Paging.Read(read("limit"), read("cursor"), Ids.Generation).Failed(out var problem, out var paging))
        {
            return problem;
        }

        var status = read("status");
        if (status is not null && !StatusWords.All.Contains(status, StringComparer.Ordinal))
        {
            return Problems.InvalidParameter.With("Unknown status.", "status", status, string.Join(", ", StatusWords.All));
        }

        Tag? tag = null;
        if (read("tag") is { } given && Tagged(given).Failed(out problem, out tag))
        {
            return problem;
        }

        var type = read("type");
        if (type is not null && !Types.Contains(type, StringComparer.Ordinal))
        {
            return Problems.InvalidParameter.With("Unknown type.", "type", type, string.Join(", ", Types));
        }

        var star = read("star");
        if (star is not (null or "true" or "false"))
        {
            return Problems.InvalidParameter.With("star must be true or false.", "star", ShortText.Of(star), "true, false");
        }

        if (QueryTime.Read("from", read("from")).Failed(out problem, out var from)
            || QueryTime.Read("to", read("to")).Failed(out problem, out var to)
            || Models(read("model"), read("family")).Failed(out problem, out var models)
            || Words(read("q")).Failed(out problem, out var words))
        {
            return problem;
        }

        return new GenerationFilter(paging.Limit, paging.After, status is null ? null : StatusWords.RowOf(status), type)
        {
            Models = models,
            From = from,
            To = to,
            Starred = star is null ? null : star == "true",
            Collection = read("collection") is { Length: > 0 } collection ? collection : null,
            Words = words,
            Tag = tag,
            EndUser = read("user"),
            PersonId = read("member"),
        };
    }

    private Outcome<string[]?> Models(string? model, string? family)
    {
        if (family is null)
        {
            return model is null ? (string[]?)null : [model];
        }

        string[] ids = [.. catalog.Current.Models.Where(one => one.Family == family).Select(one => one.Id)];
        return ids.Length == 0
            ? Problems.InvalidParameter.With(
                "Unknown family.", "family", ShortText.Of(family), "a `family` of GET /api/v1/models")
            : model is null ? ids : [.. ids.Where(id => id == model).DefaultIfEmpty("")];
    }

    private static Outcome<string[]> Words(string? text)
    {
        var words = text?.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        return words.Length > MaxWords || text?.Length > MaxText
            ? Problems.InvalidParameter.With(
                $"q may have {MaxWords} words and {MaxText} characters.", "q", ShortText.Of(text), $"up to {MaxWords} words")
            : words;
    }
}
