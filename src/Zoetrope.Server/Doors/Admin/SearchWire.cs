using System.Text.Json;
using Zoetrope.Contracts.Admin;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Operator;

namespace Zoetrope.Server.Doors.Admin;

/// <summary>From what a search found to the Admin door's records.</summary>
internal static class SearchWire
{
    private const int LongestText = 255;

    /// <summary>What is looked for; null where nothing is.</summary>
    public static Outcome<string?> Text(string? text, string name = "q") =>
        text?.Contains('\0') is true ? Problems.InvalidParameter.With($"{name} contains the character U+0000.", name, allowed: "text without U+0000")
        : text?.Length > LongestText ? Problems.InvalidParameter.With($"{name} must have at most {LongestText} characters.", name, ShortText.Of(text))
        : text is { Length: 0 } ? (string?)null : text;

    public static AdminSuspendedTask Wire(SuspendedTask task) => new(
        task.TaskId, task.AccountId, Mode(task.Mode), task.Credits, WireTime.Text(task.Since), task.Why)
    {
        Model = task.Model,
        Provider = task.Provider,
        AttemptId = task.AttemptId,
        ProviderTaskId = Handle(task.ProviderTaskId),
        ProviderRequestId = task.ProviderRequestId,
        RequestId = task.RequestId,
    };

    public static AdminResolvedSuspense Wire(ResolvedSuspense resolved) => new(
        resolved.TaskId, resolved.AccountId, resolved.Mode.Word(), resolved.Credits, resolved.Charged, resolved.Reason);

    public static AdminTask Wire(TaskRow task) => new(
        task.Id,
        task.AccountId,
        task.KeyId,
        Mode(task.Mode),
        StatusWords.OfItem(task.Status),
        task.Model,
        task.Provider,
        task.Attempts,
        task.Quoted,
        task.Charged,
        WireTime.Text(task.CreatedAt))
    {
        Step = task.Step,
        StartedAt = WireTime.Text(task.StartedAt),
        FinishedAt = WireTime.Text(task.FinishedAt),
        ErrorCode = task.ErrorCode,
        ErrorMessage = task.ErrorMessage,
        RequestId = task.RequestId,
        TraceId = task.TraceId,
        BatchId = task.BatchId,
    };

    public static AdminTaskRecord Wire(TaskRecord record) => new(
        Wire(record.Task),
        [.. record.Attempts.Select(Wire)],
        [.. record.Events.Select(row => new AdminEvent(row.Type, WireTime.Text(row.CreatedAt)))],
        [.. record.Ledger.Select(Wire)],
        [.. record.Webhooks.Select(Wire)]);

    public static AdminTransfer Wire(LedgerRow row) =>
        new(row.Id, Mode(row.Mode), row.Kind, row.Debit, row.Credit, row.Amount, WireTime.Text(row.CreatedAt))
        {
            TaskId = row.GenerationId,
            Reason = row.Reason,
            Reference = row.Reference,
        };

    public static TaskStep Wire(TimelineStep step) => new(step.Step, WireTime.Text(step.At), step.Seconds)
    {
        Provider = step.Provider,
        Attempt = step.Attempt,
        Credits = step.Credits,
        Words = step.Words,
    };

    public static AdminUsageDay Wire(UsageRow row) =>
        new(UtcDay.Text(row.Day), Mode(row.Mode), row.Tasks, row.Completed, row.Failed, row.Credits);

    /// <summary>What an id leads to: the tasks, and the lines of the log about it and them.</summary>
    public static async Task<AdminFound> FindAsync(TaskSearch search, Journal journal, string id, CancellationToken cancellationToken)
    {
        var tasks = await search.FindAsync(id);
        var ids = tasks.SelectMany(record => (string?[])[record.Task.Id, record.Task.RequestId]).OfType<string>().Append(id).Distinct();
        var lines = await journal.FindAsync([.. ids], cancellationToken);
        return new AdminFound(id, [.. tasks.Select(Wire)], [.. lines.Select(Line)]);
    }

    private static AdminAttempt Wire(AttemptRow row) => new(
        row.Id, row.Number, row.Provider, row.ProviderModel, row.State, WireTime.Text(row.CreatedAt), WireTime.Text(row.UpdatedAt))
    {
        ProviderTaskId = Handle(row.ProviderTaskId),
        ProviderRequestId = row.RequestId,
        ProviderKeyId = row.KeyId,
        Error = row.Error,
    };

    private static AdminDelivery Wire(SentRow row) =>
        new(row.Id, row.EndpointId, row.Url, row.Type, row.State, row.Attempts, WireTime.Text(row.CreatedAt))
        {
            AttemptedAt = WireTime.Text(row.AttemptedAt),
            ResponseStatus = row.ResponseStatus,
            Error = row.Error,
        };

    private static AdminLogLine Line(string line)
    {
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        return new AdminLogLine(Text("time") ?? "", Text("level") ?? "", Text("category") ?? "", Text("message") ?? "")
        {
            RequestId = Text("requestId"),
            TaskId = Text("taskId"),
            Exception = Text("exception"),
        };

        string? Text(string name) => root.TryGetProperty(name, out var value) ? value.GetString() : null;
    }

    private static string Mode(long mode) => ((KeyMode)mode).Word();

    // A handle that is a URL is the vendor's business: its query may hold a signature.
    private static string? Handle(string? handle) => handle is not null && handle.Contains("://", StringComparison.Ordinal)
        ? handle.Split('?', 2)[0]
        : handle;
}
