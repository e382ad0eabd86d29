using System.Text.Json.Nodes;
using Zoetrope.Contracts.Admin;

namespace Zoetrope.Client;

/// <content>Accounts on one page, their plans and credits.</content>
public sealed partial class ZoetropeAdminClient
{
    /// <summary>Accounts by a part of their name, their id, or by a person of theirs.</summary>
    /// <param name="query">What to look for; null lists all.</param>
    /// <param name="cursor"><c>nextCursor</c> of the page before.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A page of at most 50 accounts, oldest first.</returns>
    public Task<AdminAccountPage> SearchAccountsAsync(
        string? query = null, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync(Path("accounts", ("q", query), ("limit", "50"), ("cursor", cursor)), AdminJson.Default.EnvelopeAdminAccountPage, cancellationToken);

    /// <summary>An account with its credits, tasks, people and keys.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The account.</returns>
    public Task<AdminAccountOverview> AccountAsync(string accountId, CancellationToken cancellationToken = default) =>
        GetAsync($"admin/v1/accounts/{Uri.EscapeDataString(accountId)}/overview", AdminJson.Default.EnvelopeAdminAccountOverview, cancellationToken);

    /// <summary>Changes an account's plan.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="plan"><c>free</c>, <c>starter</c>, <c>pro</c> or <c>enterprise</c>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The account as it is now.</returns>
    public Task<AdminAccount> ChangePlanAsync(string accountId, string plan, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Patch,
            $"admin/v1/accounts/{Uri.EscapeDataString(accountId)}",
            new JsonObject { ["plan"] = plan },
            AdminJson.Default.EnvelopeAdminAccount,
            cancellationToken);

    /// <summary>Gives an account credits.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="mode"><c>test</c> or <c>live</c>.</param>
    /// <param name="amount">How many.</param>
    /// <param name="reason">Why, for the ledger.</param>
    /// <param name="reference">Names this grant: it is booked once, however often it is sent.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What was booked.</returns>
    public Task<AdminBooking> GrantCreditsAsync(
        string accountId, string mode, long amount, string reason, string reference, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Post,
            $"admin/v1/accounts/{Uri.EscapeDataString(accountId)}/grants",
            new JsonObject { ["mode"] = mode, ["amount"] = amount, ["reason"] = reason, ["reference"] = reference },
            AdminJson.Default.EnvelopeAdminBooking,
            cancellationToken);
}
