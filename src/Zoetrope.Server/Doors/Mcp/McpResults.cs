using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>
/// Answers in VicSee's words: pretty JSON as text, the same as structured content, links to the files and a small picture.
/// A file itself never travels in an answer.
/// </summary>
internal sealed class McpResults(TaskViews views, TaskWriter tasks, SignedUrls urls, Thumbnails thumbnails)
{
    public static CallToolResult Of(JsonElement data) => Of(data, Pretty(data));

    public static CallToolResult Of(JsonElement structured, string text) => new()
    {
        Content = [new TextContentBlock { Text = text }],
        StructuredContent = structured,
    };

    /// <summary>Says of a result what REST says in headers: that the call was made before, and the plan's count with this one.</summary>
    public static T Marked<T>(T result, McpCall call)
        where T : Result
    {
        if (call.Made is { IsReplay: true })
        {
            (result.Meta ??= [])["idempotentReplayed"] = true;
        }

        if (call.Made?.RequestsToday is { } used && call.Caller.Plan.RequestsPerDay is { } limit)
        {
            (result.Meta ??= [])["rateLimit"] = new JsonObject { ["limit"] = limit, ["remaining"] = Math.Max(0, limit - used) };
        }

        return result;
    }

    public static string Pretty(JsonElement data) => JsonSerializer.Serialize(data, WireJson.Indented);

    public static CallToolResult Refusal(Problem problem) => new()
    {
        IsError = true,
        Content = [new TextContentBlock { Text = $"VicSee API error [{problem.Kind.Code}]: {Words(problem)}" }],
        Meta = new JsonObject
        {
            ["error"] = JsonSerializer.SerializeToNode(ProblemResponse.Body(problem).Error, ProblemJson.Default.ErrorBody),
        },
    };

    /// <summary>The task's values as they are now.</summary>
    public ValueTask<TaskView> ViewAsync(Generation task) => views.OfAsync(task);

    /// <summary>The task as JSON, as <c>GET /tasks/{id}</c> has it: MCP's answers are made of it.</summary>
    public JsonElement Json(TaskView task) => JsonElement.Parse(tasks.Bare(task));

    /// <summary>A page of tasks.</summary>
    public CallToolResult Page(IEnumerable<Generation> page, string? next) =>
        Of(
            JsonElement.Parse(
                JsonAnswer.Bare(
                    (tasks, page: page.Select(views.Of), next),
                    static (writer, state) => state.tasks.WritePage(writer, state.page, state.next))));

    /// <summary>The same as an answer, with what the task made.</summary>
    public async Task<CallToolResult> TaskAsync(Generation task, CancellationToken cancellationToken)
    {
        return await AnswerAsync(await ViewAsync(task), cancellationToken);
    }

    /// <summary>The same as the outcome of the call that started it: a failed task is a failed call.</summary>
    public async Task<CallToolResult> OutcomeAsync(Generation task, CancellationToken cancellationToken)
    {
        var view = await ViewAsync(task);
        var result = await AnswerAsync(view, cancellationToken);
        if (view.Failure is { } problem)
        {
            result.IsError = true;
            result.Content.Insert(0, new TextContentBlock { Text = $"VicSee API error [{problem.Kind.Code}]: {problem.Message}" });
        }

        return result;
    }

    private async Task<CallToolResult> AnswerAsync(TaskView view, CancellationToken cancellationToken)
    {
        var result = Of(Json(view));
        await AddFilesAsync(result, view.Generation, cancellationToken);
        return result;
    }

    private async Task AddFilesAsync(CallToolResult answer, Generation task, CancellationToken cancellationToken)
    {
        if (task.Result is null)
        {
            return;
        }

        foreach (var (file, number) in GenerationJson.Results(task).Select((file, place) => (file, place + 1)))
        {
            answer.Content.Add(new ResourceLinkBlock
            {
                Uri = urls.ForResult(TaskWriter.Artifact(task, file)).AbsoluteUri,
                Name = number == 1 ? $"{task.Id}.{file.Probe.Extension}" : $"{task.Id}-{number}.{file.Probe.Extension}",
                Title = $"The {task.Media.Word()} that {task.Model} made",
                MimeType = file.Probe.ContentType,
                Size = file.Probe.Bytes,
            });
        }

        if (GenerationJson.Results(task)[0].PosterId is { } poster
            && await thumbnails.OfPosterAsync(task.AccountId, poster, cancellationToken) is { } picture)
        {
            answer.Content.Add(ImageContentBlock.FromBytes(picture, Thumbnails.ContentType));
        }
    }

    // The text is all that an agent is shown, so it must say what is allowed.
    private static string Words(Problem problem) =>
        problem.Allowed is not { } allowed || problem.Message.Contains(allowed, StringComparison.Ordinal)
            ? problem.Message
            : $"{problem.Message.TrimEnd('.')}. Allowed: {allowed}.";
}
