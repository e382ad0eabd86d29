using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Feeds;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>Tasks as resources, <c>task://{id}</c>: what a user drags into a conversation is what vicsee_get_task reads.</summary>
internal sealed class McpResources(GenerationReads reads, McpResults results)
{
    private const string Scheme = "task://";
    private const string ContentType = "application/json";
    private const int Listed = 20;

    public static ListResourceTemplatesResult Templates { get; } = new()
    {
        ResourceTemplates =
        [
            new ResourceTemplate
            {
                Name = "task",
                Title = "A task",
                UriTemplate = Scheme + "{id}",
                Description = "A generation, its state and its result's URL.",
                MimeType = ContentType,
            },
        ],
    };

    /// <summary>The newest tasks.</summary>
    public async Task<ListResourcesResult> ListAsync(Caller caller)
    {
        Permit(caller);
        var (page, _) = await reads.ListAsync(caller.AccountId, caller.Mode, new GenerationFilter(Listed, null, null, null));
        return new ListResourcesResult { Resources = [.. page.Select(Resource)] };
    }

    public async Task<ReadResourceResult> ReadAsync(Caller caller, string uri)
    {
        Permit(caller);
        var task = uri.StartsWith(Scheme, StringComparison.Ordinal)
            ? await reads.FindAsync(caller.AccountId, caller.Mode, uri[Scheme.Length..])
            : null;
        return task is null
            ? throw new McpProtocolException("Unknown resource.", McpErrorCode.ResourceNotFound)
            : new ReadResourceResult
            {
                Contents =
                [
                    new TextResourceContents
                    {
                        Uri = uri,
                        MimeType = ContentType,
                        Text = McpResults.Pretty(results.Json(await results.ViewAsync(task))),
                    },
                ],
            };
    }

    private static Resource Resource(Generation task) => new()
    {
        Uri = Scheme + task.Id,
        Name = task.Id,
        Title = $"{task.Model}, {task.Status.Word()}",
        Description = $"A {task.Media.Word()} requested at {WireTime.Text(task.CreatedAt)}",
        MimeType = ContentType,
        Annotations = new Annotations { LastModified = task.FinishedAt ?? task.CreatedAt },
    };

    private static void Permit(Caller caller)
    {
        if (!caller.Scopes.HasFlag(Scopes.Read))
        {
            throw new McpProtocolException(McpDoor.LacksScope(Scopes.Read).Message, McpErrorCode.InvalidRequest);
        }
    }
}
