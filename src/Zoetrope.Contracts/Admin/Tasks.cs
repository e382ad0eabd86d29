using System.Text.Json;
using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Contracts.Admin;

/// <summary>A task, as the operator sees it: without its prompt, inputs and results.</summary>
/// <param name="Id">The task's id (<c>task_…</c>).</param>
/// <param name="AccountId">The account that ordered it.</param>
/// <param name="KeyId">The API key or grant that ordered it.</param>
/// <param name="Mode"><c>test</c> or <c>live</c>.</param>
/// <param name="Status"><c>pending</c>, <c>processing</c>, <c>completed</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="Model">The model's id.</param>
/// <param name="Provider">The provider that runs it, or ran it last.</param>
/// <param name="Attempts">How many submissions there were.</param>
/// <param name="Quoted">Its price in credits.</param>
/// <param name="Charged">The credits charged; <see langword="null"/> until it has ended.</param>
/// <param name="CreatedAt">ISO 8601, UTC, milliseconds.</param>
public sealed record AdminTask(
    string Id,
    string AccountId,
    string KeyId,
    string Mode,
    string Status,
    string Model,
    string Provider,
    long Attempts,
    long Quoted,
    long? Charged,
    string CreatedAt)
{
    /// <summary>While it is processed: <c>submit</c>, <c>poll</c> or <c>ingest</c>.</summary>
    public string? Step { get; init; }

    /// <summary>When it left the queue.</summary>
    public string? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public string? FinishedAt { get; init; }

    /// <summary>The code of its failure.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>The failure in words, as its customer reads it.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>The <c>X-Request-Id</c> of the request that made it.</summary>
    public string? RequestId { get; init; }

    /// <summary>The trace of that request's <c>traceparent</c>.</summary>
    public string? TraceId { get; init; }

    /// <summary>The batch that it belongs to.</summary>
    public string? BatchId { get; init; }
}

/// <summary>One page of tasks, newest first.</summary>
/// <param name="Tasks">The tasks of this page; there may be a next page although this one is not full.</param>
/// <param name="NextCursor">Pass as <c>cursor</c> for the next page; <see langword="null"/> on the last one.</param>
public sealed record AdminTaskPage(IReadOnlyList<AdminTask> Tasks, string? NextCursor);

/// <summary>A submission of a task to a provider.</summary>
/// <param name="Id">Our id of it (<c>att_…</c>).</param>
/// <param name="Number">1 for the first.</param>
/// <param name="Provider">The provider.</param>
/// <param name="ProviderModel">The provider's own model id.</param>
/// <param name="State">
/// <c>intended</c>, <c>accepted</c>, <c>refused</c>, <c>unknown</c> (its answer was lost), <c>unresolved</c> (and was never learned) or
/// <c>ended</c>.
/// </param>
/// <param name="CreatedAt">ISO 8601, UTC, milliseconds.</param>
/// <param name="UpdatedAt">When it was last written to.</param>
public sealed record AdminAttempt(
    string Id, long Number, string Provider, string ProviderModel, string State, string CreatedAt, string UpdatedAt)
{
    /// <summary>The provider's id of the job.</summary>
    public string? ProviderTaskId { get; init; }

    /// <summary>The provider's id of the request, for its support.</summary>
    public string? ProviderRequestId { get; init; }

    /// <summary>The fingerprint of the provider's key that was used.</summary>
    public string? ProviderKeyId { get; init; }

    /// <summary>How it failed.</summary>
    public string? Error { get; init; }
}

/// <summary>An event of a task.</summary>
/// <param name="Type">Its type, such as <c>task.completed</c>.</param>
/// <param name="At">ISO 8601, UTC, milliseconds.</param>
public sealed record AdminEvent(string Type, string At);

/// <summary>A transfer of the ledger: credits from one bucket to another.</summary>
/// <param name="Id">Its id (<c>txn_…</c>).</param>
/// <param name="Mode"><c>test</c> or <c>live</c>.</param>
/// <param name="Kind"><c>grant</c>, <c>hold</c>, <c>settle</c>, <c>release</c>, <c>refund</c>, <c>adjust</c>, <c>suspend</c> or <c>unsuspend</c>.</param>
/// <param name="From">The bucket that the credits left.</param>
/// <param name="To">The bucket that they reached.</param>
/// <param name="Amount">How many credits.</param>
/// <param name="At">ISO 8601, UTC, milliseconds.</param>
public sealed record AdminTransfer(string Id, string Mode, string Kind, string From, string To, long Amount, string At)
{
    /// <summary>The task that it is about.</summary>
    public string? TaskId { get; init; }

    /// <summary>Why it was booked.</summary>
    public string? Reason { get; init; }

    /// <summary>The reference under which it was booked once.</summary>
    public string? Reference { get; init; }
}

/// <summary>One page of an account's ledger, newest first.</summary>
/// <param name="Entries">The transfers of this page.</param>
/// <param name="NextCursor">Pass as <c>cursor</c> for the next page; <see langword="null"/> on the last one.</param>
public sealed record AdminLedgerPage(IReadOnlyList<AdminTransfer> Entries, string? NextCursor);

/// <summary>A webhook about a task.</summary>
/// <param name="Id">The <c>webhook-id</c> that its receiver saw (<c>msg_…</c>).</param>
/// <param name="EndpointId">The endpoint (<c>whe_…</c>).</param>
/// <param name="Url">Where it is sent.</param>
/// <param name="Type">The type of the event.</param>
/// <param name="State"><c>pending</c>, <c>delivered</c> or <c>failed</c>.</param>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="CreatedAt">ISO 8601, UTC, milliseconds.</param>
public sealed record AdminDelivery(
    string Id, string EndpointId, string Url, string Type, string State, long Attempts, string CreatedAt)
{
    /// <summary>When it was last sent.</summary>
    public string? AttemptedAt { get; init; }

    /// <summary>The HTTP status of the last answer.</summary>
    public long? ResponseStatus { get; init; }

    /// <summary>Why the last attempt failed.</summary>
    public string? Error { get; init; }
}

/// <summary>All that is known of one task.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempts">Its submissions to providers, with the providers' ids.</param>
/// <param name="Events">Its events, as far back as the log goes.</param>
/// <param name="Ledger">What was booked for it.</param>
/// <param name="Webhooks">What was sent about it.</param>
public sealed record AdminTaskRecord(
    AdminTask Task,
    IReadOnlyList<AdminAttempt> Attempts,
    IReadOnlyList<AdminEvent> Events,
    IReadOnlyList<AdminTransfer> Ledger,
    IReadOnlyList<AdminDelivery> Webhooks)
{
    /// <summary>What happened to it, in order; only where one task is read.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<TaskStep>? Timeline { get; init; }
}

/// <summary>The words of a task, which an operator has asked for with a reason.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="AccountId">The account that ordered it.</param>
/// <param name="Prompt">The prompt; empty if the model takes none.</param>
/// <param name="Parameters">Every parameter, as it was sent.</param>
public sealed record AdminRevealedTask(string TaskId, string AccountId, string Prompt, JsonElement Parameters);

/// <summary>A line of the log.</summary>
/// <param name="Time">ISO 8601, UTC, milliseconds.</param>
/// <param name="Level"><c>trace</c>, <c>debug</c>, <c>info</c>, <c>warn</c> or <c>error</c>.</param>
/// <param name="Category">The part of the server that wrote it.</param>
/// <param name="Message">What it says.</param>
public sealed record AdminLogLine(string Time, string Level, string Category, string Message)
{
    /// <summary>The request that it belongs to.</summary>
    public string? RequestId { get; init; }

    /// <summary>The task that it belongs to.</summary>
    public string? TaskId { get; init; }

    /// <summary>The exception, with its stack.</summary>
    public string? Exception { get; init; }
}

/// <summary>What an id leads to.</summary>
/// <param name="Query">The id that was asked for.</param>
/// <param name="Tasks">The tasks, newest first; at most 100.</param>
/// <param name="Log">
/// The lines of the log about the request and the tasks, oldest first, as far as the journal has them; of more than 1,000 the newest.
/// </param>
public sealed record AdminFound(string Query, IReadOnlyList<AdminTaskRecord> Tasks, IReadOnlyList<AdminLogLine> Log);

/// <summary>What an account ordered on one day in one mode.</summary>
/// <param name="Day">The UTC day, as <c>2026-11-23</c>.</param>
/// <param name="Mode"><c>test</c> or <c>live</c>.</param>
/// <param name="Tasks">The tasks that were made.</param>
/// <param name="Completed">Those of them that completed.</param>
/// <param name="Failed">Those that failed or were cancelled.</param>
/// <param name="Credits">What they were charged; unfinished ones not yet.</param>
public sealed record AdminUsageDay(string Day, string Mode, long Tasks, long Completed, long Failed, long Credits);

/// <summary>What an account ordered, day by day, newest first.</summary>
/// <param name="Days">The days with tasks.</param>
public sealed record AdminUsage(IReadOnlyList<AdminUsageDay> Days);
