using System.Text.Json.Nodes;
using Zoetrope.Contracts.Admin;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <content>The tasks of all accounts, and who changed what.</content>
public sealed partial class ZoetropeAdminClient
{
    /// <summary>Tasks of all accounts, newest first.</summary>
    /// <param name="filter">Which; null for all.</param>
    /// <param name="cursor"><c>nextCursor</c> of the page before.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A page of at most 50 tasks; there may be a next one although it is short.</returns>
    public Task<AdminTaskPage> TasksAsync(
        AdminTaskFilter? filter = null, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync(
            Path(
                "tasks",
                ("accountId", filter?.AccountId),
                ("mode", filter?.Mode),
                ("status", filter?.Status),
                ("provider", filter?.Provider),
                ("model", filter?.Model),
                ("errorCode", filter?.ErrorCode),
                ("limit", "50"),
                ("cursor", cursor)),
            AdminJson.Default.EnvelopeAdminTaskPage,
            cancellationToken);

    /// <summary>A task with all that is known of it, but its words.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The task.</returns>
    public Task<AdminTaskRecord> TaskAsync(string taskId, CancellationToken cancellationToken = default) =>
        GetAsync($"admin/v1/tasks/{Uri.EscapeDataString(taskId)}", AdminJson.Default.EnvelopeAdminTaskRecord, cancellationToken);

    /// <summary>The words of a task. The account's audit log says that they were read, and why.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The prompt and the parameters.</returns>
    public Task<AdminRevealedTask> RevealTaskAsync(string taskId, string reason, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Post,
            $"admin/v1/tasks/{Uri.EscapeDataString(taskId)}/reveal",
            new JsonObject { ["reason"] = reason },
            AdminJson.Default.EnvelopeAdminRevealedTask,
            cancellationToken);

    /// <summary>Who changed what, newest first.</summary>
    /// <param name="accountId">Only the changes of this account.</param>
    /// <param name="action">One action, such as <c>key.created</c>, or <c>key.</c> for all that begin so.</param>
    /// <param name="from">From this time.</param>
    /// <param name="to">Before this time.</param>
    /// <param name="cursor"><c>nextCursor</c> of the page before.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A page of at most 50 changes.</returns>
    public Task<AuditPage> AuditAsync(
        string? accountId = null, string? action = null, DateTimeOffset? from = null, DateTimeOffset? to = null, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync(Path("audit", ("accountId", accountId), ("action", action), ("from", Text(from)), ("to", Text(to)), ("limit", "50"), ("cursor", cursor)), AdminJson.Default.EnvelopeAuditPage, cancellationToken);
}

/// <summary>Which tasks of all accounts are listed; what is null is not asked for.</summary>
public sealed record AdminTaskFilter
{
    /// <summary>Of this account.</summary>
    public string? AccountId { get; init; }

    /// <summary><c>test</c> or <c>live</c>.</summary>
    public string? Mode { get; init; }

    /// <summary><c>pending</c>, <c>processing</c>, <c>completed</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    public string? Status { get; init; }

    /// <summary>Whose provider this is.</summary>
    public string? Provider { get; init; }

    /// <summary>Of this model.</summary>
    public string? Model { get; init; }

    /// <summary>That failed with this code.</summary>
    public string? ErrorCode { get; init; }
}
