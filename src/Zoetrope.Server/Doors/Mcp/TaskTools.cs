using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>The tools that read, list and end tasks, and read the balance.</summary>
internal sealed class TaskTools(TaskCalls calls, McpResults results, TaskWaiting waiting, Database database)
{
    private const int MaxText = 200;

    // To whom it means something, the answer would be about another account than the one that was meant.
    private static readonly string[] Selects = ["account", "account_id", "key", "key_id", "api_key", "mode", "user", "user_id"];

    private static readonly string[] NeedsTask = ["task_id"];
    private static readonly string[] Listed = ["status", "model", "type", "limit", "cursor"];

    public static readonly JsonObject TaskSchema = McpSchema.Object(
        ["id", "model", "status"],
        ("id", McpSchema.Text("The task's id.")),
        ("model", McpSchema.Text("The model's id.")),
        ("status", McpSchema.OneOf("pending and processing continue by themselves.", StatusWords.All)),
        ("mediaType", McpSchema.Text("image or video.")),
        ("prompt", McpSchema.Text("The prompt.")),
        ("progress", McpSchema.Number("Percent done.")),
        ("creditsUsed", McpSchema.Integer("Held, or charged once it has ended.")),
        ("result", McpSchema.Nullable(McpSchema.Any("The file: url, contentType, width, height, duration, expiresAt."))),
        ("error", McpSchema.Nullable(McpSchema.Any("Why it failed: code, message, retryable."))));

    private static readonly JsonObject CancelledSchema = Cancelled();

    private static readonly JsonObject PageSchema = McpSchema.Object(
        ["tasks"],
        ("tasks", McpSchema.List("Newest first.", TaskSchema.DeepClone().AsObject())),
        ("nextCursor", McpSchema.Nullable(McpSchema.Text("cursor of the next page; null at the end."))));

    private static readonly JsonObject CreditsSchema = McpSchema.Object(
        ["credits"],
        ("credits", McpSchema.Integer("Available.")),
        ("held", McpSchema.Integer("Held for tasks that have not ended.")),
        ("mode", McpSchema.Text("test or live.")));

    public IEnumerable<McpTool> All => [GetTask(), ListTasks(), CancelTask(), GetCredits()];

    private McpTool GetTask() => new()
    {
        Name = "vicsee_get_task",
        Title = "Get task status / result",
        Scopes = Scopes.Read,
        Description = _ =>
            "Reads a task. When status is completed, the file is at result.url, with a link and a small preview; when "
            + "failed, error says why and nothing was charged. "
            + "With wait_seconds the call returns as soon as the task has ended, which is better than polling.",
        Input = _ => McpSchema.Closed(
            NeedsTask,
            ("task_id", McpSchema.Text("The id that the generating tool returned.")),
            ("wait_seconds", McpSchema.Number($"0 to {waiting.LongestSeconds}; 0 by default."))),
        Output = TaskSchema,
        Annotations = Reads("Get task status / result"),
        RunAsync = async (call, cancellationToken) =>
        {
            var fields = new RequestFields(call.Arguments);
            var id = fields.Text("task_id", MaxText, required: true);
            fields.Known("wait_seconds");
            if (fields.Problem() is { } problem
                || waiting.Seconds(call.Arguments, byDefault: 0).Failed(out problem, out var wait)
                || (await calls.FindAsync(call.Caller, id!)).Failed(out problem, out var task))
            {
                return problem;
            }

            return await waiting.AnswerAsync(call, task, wait, results.TaskAsync, cancellationToken);
        },
    };

    private McpTool ListTasks() => new()
    {
        Name = "list_tasks",
        Title = "List tasks",
        Scopes = Scopes.Read,
        Description = _ => "Lists the account's tasks, newest first, for example to find one whose id was lost.",
        Input = _ => McpSchema.Closed(
            [],
            ("status", McpSchema.OneOf("Only these.", StatusWords.All)),
            ("model", McpSchema.Text("Only tasks of this model id.")),
            ("type", McpSchema.OneOf("Only these.", [MediaType.Image.Word(), MediaType.Video.Word()])),
            ("limit", McpSchema.Integer("1 to 100; 20 by default.")),
            ("cursor", McpSchema.Text("nextCursor of the previous page."))),
        Output = PageSchema,
        Annotations = Reads("List tasks"),
        RunAsync = async (call, _) =>
        {
            var fields = new RequestFields(call.Arguments);
            foreach (var name in Listed)
            {
                fields.Known(name);
            }

            return fields.Problem() is { } problem
                || (await calls.ListAsync(call.Caller, name => Text(call.Arguments, name))).Failed(out problem, out var found)
                ? problem
                : results.Page(found.Page, found.Next);
        },
    };

    private McpTool CancelTask() => new()
    {
        Name = "cancel_task",
        Title = "Cancel a task",
        Scopes = Scopes.Generate,
        Description = _ =>
            "Ends a task. A waiting task ends at once and its credits are returned. A running task is asked to stop at its "
            + "provider; if the provider declines, it runs to its end and is charged.",
        Input = _ => McpSchema.Closed(NeedsTask, ("task_id", McpSchema.Text("The id that the generating tool returned."))),
        Output = CancelledSchema,
        Annotations = new ToolAnnotations
        {
            Title = "Cancel a task",
            ReadOnlyHint = false,
            DestructiveHint = true,
            IdempotentHint = true,
            OpenWorldHint = true,
        },
        RunAsync = async (call, cancellationToken) =>
        {
            var fields = new RequestFields(call.Arguments);
            var id = fields.Text("task_id", MaxText, required: true);
            if (fields.Problem() is { } problem
                || (await calls.CancelAsync(call.Caller, id!, cancellationToken)).Failed(out problem, out var task))
            {
                return problem;
            }

            return Receipt.IsEnoughFor(call.Caller)
                ? McpResults.Of(JsonElement.Parse(JsonAnswer.Bare(Receipt.Of(task), Receipt.Write)))
                : await results.TaskAsync(task, cancellationToken);
        },
    };

    // Without the scope `read` the answer is the id and the status.
    private static JsonObject Cancelled()
    {
        var schema = TaskSchema.DeepClone().AsObject();
        schema["required"] = new JsonArray("id", "status");
        return schema;
    }

    private McpTool GetCredits() => new()
    {
        Name = "vicsee_get_credits",
        Title = "Get credit balance",
        Scopes = Scopes.Read,
        Description = _ => "Returns the credits of the key's account.",
        Input = _ => McpSchema.Closed([]),
        Output = CreditsSchema,
        Annotations = Reads("Get credit balance"),
        RunAsync = async (call, _) =>
        {
            // Some hosts send an argument to a tool without any, because they must send something.
            if (Array.Find(Selects, argument => call.Arguments.TryGetProperty(argument, out JsonElement _)) is { } name)
            {
                return Problems.UnknownParameter.With(
                    "The balance is that of the key's account and mode. Leave the argument out.", name, allowed: "no arguments");
            }

            var balance = await database.ReadAsync(
                async session => await CreditLedger.BalanceAsync(session, call.Caller.AccountId, call.Caller.Mode));
            return McpResults.Of(
                JsonSerializer.SerializeToElement(CreditWire.Of(balance, call.Caller.Mode), CreditJson.Default.CreditBalance));
        },
    };

    // What is no text is refused as what it is.
    private static string? Text(JsonElement arguments, string name) =>
        !arguments.TryGetProperty(name, out var value) || ValueReader.IsAbsent(value) ? null
            : value.ValueKind is JsonValueKind.String ? value.GetString() : value.GetRawText();

    private static ToolAnnotations Reads(string title) =>
        new() { Title = title, ReadOnlyHint = true, DestructiveHint = false, IdempotentHint = true, OpenWorldHint = true };
}
