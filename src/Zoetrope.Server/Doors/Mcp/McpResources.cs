using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Zoetrope.Server.Doors.VicSee;
using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>Tasks as resources, <c>task://{id}</c>: what a user drags into a conversation is what vicsee_get_task reads.</summary>
internal sealed class McpResources(GenerationReads reads, TaskWriter tasks)
{
    private const string Scheme = "task://";
    private const string ContentType = "application/json";
    private const int Listed = 20;

    public void AddTo(McpServerHandlers handlers, Caller caller)
    {
        handlers.ListResourceTemplatesHandler = static (_, _) => ValueTask.FromResult(new ListResourceTemplatesResult
        {
            ResourceTemplates =
            [
                new ResourceTemplate { Name = "task", Title = "A task", UriTemplate = Scheme + "{id}", Description = "A generation, its state and its result's URL.", MimeType = ContentType },
            ],
        });
        handlers.ListResourcesHandler = async (_, _) =>
        {
            Permit(caller);
            var (page, _) = await reads.ListAsync(caller.AccountId, caller.Mode, new GenerationFilter(Listed, null, null, null, null));
            return new ListResourcesResult { Resources = [.. page.Select(Resource)] };
        };
        handlers.ReadResourceHandler = async (request, _) =>
        {
            Permit(caller);
            var uri = request.Params.Uri;
            var task = uri.StartsWith(Scheme, StringComparison.Ordinal) ? await reads.FindAsync(caller.AccountId, caller.Mode, uri[Scheme.Length..]) : null;
            return task is null
                ? throw new McpProtocolException("There is no such resource.", McpErrorCode.ResourceNotFound)
                : new ReadResourceResult
                {
                    Contents = [new TextResourceContents { Uri = uri, MimeType = ContentType, Text = McpResults.Pretty(JsonElement.Parse(await tasks.TaskAsync(task))) }],
                };
        };
    }

    private static Resource Resource(Generation task) => new()
    {
        Uri = Scheme + task.Id,
        Name = task.Id,
        Title = $"{task.Model}, {task.Status.Word()}",
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
