using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>What a caller may do with tasks, at every door. A foreign task is a task that does not exist.</summary>
internal sealed class TaskCalls(GenerationReads reads, CancelGeneration cancel)
{
    private static readonly string[] Types = [MediaType.Image.Word(), MediaType.Video.Word()];

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
    /// <param name="read">The text of a filter by its name: status, model, type, tag, user, member, limit and cursor.</param>
    public async Task<Outcome<(List<Generation> Page, string? Next)>> ListAsync(Caller caller, Func<string, string?> read) =>
        Filter(read).Failed(out var problem, out var filter) ? problem : await reads.ListAsync(caller.AccountId, caller.Mode, filter);

    private static Outcome<Tag?> Tagged(string given) =>
        given.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && colon < given.Length - 1
            ? new Tag(given[..colon], given[(colon + 1)..])
            : Problems.InvalidParameter.With("tag must be a name and a value.", "tag", ShortText.Of(given), "name:value, for example team:red");

    private static Outcome<GenerationFilter> Filter(Func<string, string?> read)
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
        return type is null || Types.Contains(type, StringComparer.Ordinal)
            ? new GenerationFilter(paging.Limit, paging.After, status is null ? null : StatusWords.RowOf(status), read("model"), type)
            {
                Tag = tag,
                EndUser = read("user"),
                PersonId = read("member"),
            }
            : Problems.InvalidParameter.With("Unknown type.", "type", type, string.Join(", ", Types));
    }
}
