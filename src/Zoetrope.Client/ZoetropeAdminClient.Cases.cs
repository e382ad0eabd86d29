using System.Text.Json.Nodes;
using Zoetrope.Contracts.Admin;

namespace Zoetrope.Client;

/// <content>What waits for somebody who decides: cases, and tasks in suspense.</content>
public sealed partial class ZoetropeAdminClient
{
    /// <summary>The cases, newest first.</summary>
    /// <param name="all">Closed ones as well.</param>
    /// <param name="cursor"><c>nextCursor</c> of the page before.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A page of at most 100 cases.</returns>
    public Task<AdminCases> CasesAsync(bool all = false, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync(Path("cases", ("limit", "100"), ("state", all ? "all" : null), ("cursor", cursor)), AdminJson.Default.EnvelopeAdminCases, cancellationToken);

    /// <summary>Closes a case.</summary>
    /// <param name="caseId">The case.</param>
    /// <param name="reason">What was found out.</param>
    /// <param name="charged">Whether its provider billed for the task; null books nothing.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The case as it is now.</returns>
    public Task<AdminCase> CloseCaseAsync(string caseId, string reason, bool? charged, CancellationToken cancellationToken = default)
    {
        var body = new JsonObject { ["reason"] = reason };
        if (charged is { } billed)
        {
            body["charged"] = billed;
        }

        return SendAsync(HttpMethod.Post, $"admin/v1/cases/{Uri.EscapeDataString(caseId)}/close", body, AdminJson.Default.EnvelopeAdminCase, cancellationToken);
    }

    /// <summary>The tasks whose provider may have billed for a result that nobody received, newest first.</summary>
    /// <param name="cursor"><c>nextCursor</c> of the page before.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A page of at most 100 tasks.</returns>
    public Task<AdminSuspense> SuspenseAsync(string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync(Path("suspense", ("limit", "100"), ("cursor", cursor)), AdminJson.Default.EnvelopeAdminSuspense, cancellationToken);

    /// <summary>Takes a task out of suspense. No customer's balance changes.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="charged">Whether its provider billed for it.</param>
    /// <param name="reason">How that is known.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What was booked.</returns>
    public Task<AdminResolvedSuspense> ResolveSuspenseAsync(
        string taskId, bool charged, string reason, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Post,
            $"admin/v1/suspense/{Uri.EscapeDataString(taskId)}/resolve",
            new JsonObject { ["charged"] = charged, ["reason"] = reason },
            AdminJson.Default.EnvelopeAdminResolvedSuspense,
            cancellationToken);
}
