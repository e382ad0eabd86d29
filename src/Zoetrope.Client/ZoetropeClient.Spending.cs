using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <summary>Which usage is read.</summary>
public sealed record UsageQuery
{
    /// <summary>The beginning, a whole hour; null for 30 days before the end.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The end, which is not part of it; null for now.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>
    /// <c>model</c>, <c>key</c>, <c>member</c>, <c>user</c>, <c>outcome</c>, <c>day</c>, <c>hour</c>, <c>tag:name</c>, or two of them with
    /// a comma; null for the days.
    /// </summary>
    public string? By { get; init; }

    /// <summary>Groups a page, at most 1,000.</summary>
    public int? Limit { get; init; }

    /// <summary><see cref="UsageReport.NextCursor"/> of the page before.</summary>
    public string? Cursor { get; init; }
}

/// <content>What tasks used, and budgets.</content>
public sealed partial class ZoetropeClient
{
    /// <summary>One page of what the account's tasks used.</summary>
    /// <param name="query">Which; null for the last 30 days by day.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The page, and the total of all.</returns>
    public Task<UsageReport> UsageAsync(UsageQuery? query = null, CancellationToken cancellationToken = default)
    {
        var path = Usage(query);
        return _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Get, path), SpendingJson.Default.EnvelopeUsageReport, cancellationToken);
    }

    /// <summary>One page of what the account's tasks used, as a table of comma-separated values.</summary>
    /// <param name="query">Which; null for the last 30 days by day.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The table with its heading.</returns>
    public async Task<string> UsageTableAsync(UsageQuery? query = null, CancellationToken cancellationToken = default)
    {
        var path = Usage(query) + "&format=csv";
        using var response = await _transport.SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, path), withKey: true, whole: true, cancellationToken).ConfigureAwait(false);
        return await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>One page of the account's ledger in the key's mode, newest first.</summary>
    /// <param name="type"><c>grant</c>, <c>hold</c>, <c>settle</c>, <c>release</c>, <c>refund</c> or <c>adjust</c>; null for all.</param>
    /// <param name="limit">Lines a page, at most 100; null for 20.</param>
    /// <param name="cursor"><see cref="LedgerPage.NextCursor"/> of the page before.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The page.</returns>
    public Task<LedgerPage> LedgerAsync(
        string? type = null, int? limit = null, string? cursor = null, CancellationToken cancellationToken = default)
    {
        string?[] parts = [Part("type", type), Part("limit", limit?.ToString(CultureInfo.InvariantCulture)), Part("cursor", cursor)];
        var path = "api/v1/ledger?" + string.Join('&', parts.Where(part => part is not null));
        return _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Get, path), SpendingJson.Default.EnvelopeLedgerPage, cancellationToken);
    }

    /// <summary>The budgets of the key's mode.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The oldest first.</returns>
    public async Task<IReadOnlyList<BudgetState>> BudgetsAsync(CancellationToken cancellationToken = default)
    {
        var list = await _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Get, "api/v1/budgets"), SpendingJson.Default.EnvelopeBudgetList, cancellationToken)
            .ConfigureAwait(false);
        return list.Budgets;
    }

    /// <summary>Sets a budget; the key needs the scope <c>budgets</c>.</summary>
    /// <param name="request">The budget.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The budget as it counts from now on.</returns>
    public Task<BudgetState> CreateBudgetAsync(BudgetRequest request, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => Transport.Once(new HttpRequestMessage(HttpMethod.Post, "api/v1/budgets")
            {
                Content = JsonContent.Create(request, SpendingJson.Default.BudgetRequest),
            }),
            SpendingJson.Default.EnvelopeBudgetState,
            cancellationToken);

    /// <summary>Changes a budget's name or limit, or raises it for some time.</summary>
    /// <param name="budgetId">The budget's id.</param>
    /// <param name="change">What changes; null keeps it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The budget as it is now.</returns>
    public Task<BudgetState> ChangeBudgetAsync(string budgetId, BudgetPatch change, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Patch, Budget(budgetId))
            {
                Content = JsonContent.Create(change, SpendingJson.Default.BudgetPatch),
            },
            SpendingJson.Default.EnvelopeBudgetState,
            cancellationToken);

    /// <summary>Ends a budget's higher limit before its time.</summary>
    /// <param name="budgetId">The budget's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The budget as it is now.</returns>
    public Task<BudgetState> EndRaiseAsync(string budgetId, CancellationToken cancellationToken = default) => _transport.CallAsync(
        () => Send(HttpMethod.Patch, Budget(budgetId), JsonContent.Create(new JsonObject { ["raise"] = null }, KeyJson.Default.JsonObject)),
        SpendingJson.Default.EnvelopeBudgetState,
        cancellationToken);

    /// <summary>Deletes a budget.</summary>
    /// <param name="budgetId">The budget's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The budget at its end.</returns>
    public Task<BudgetState> DeleteBudgetAsync(string budgetId, CancellationToken cancellationToken = default) => _transport.CallAsync(
        () => Transport.Once(new HttpRequestMessage(HttpMethod.Delete, Budget(budgetId))),
        SpendingJson.Default.EnvelopeBudgetState,
        cancellationToken);

    private static string Usage(UsageQuery? query)
    {
        string?[] parts =
        [
            Part("from", Time(query?.From)), Part("to", Time(query?.To)), Part("by", query?.By ?? "day"), Part("cursor", query?.Cursor),
            Part("limit", query?.Limit?.ToString(CultureInfo.InvariantCulture)),
        ];
        return "api/v1/usage?" + string.Join('&', parts.Where(part => part is not null));
    }

    private static string Budget(string id) => $"api/v1/budgets/{Uri.EscapeDataString(id)}";

    private static string? Time(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

/// <summary>How usage and budgets are read and written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Envelope<UsageReport>))]
[JsonSerializable(typeof(Envelope<LedgerPage>))]
[JsonSerializable(typeof(BudgetRequest))]
[JsonSerializable(typeof(BudgetPatch))]
[JsonSerializable(typeof(Envelope<BudgetState>))]
[JsonSerializable(typeof(Envelope<BudgetList>))]
internal sealed partial class SpendingJson : JsonSerializerContext;
