using System.Globalization;
using System.Text.Json.Nodes;
using Zoetrope.Contracts.Admin;

namespace Zoetrope.Client;

/// <content>The providers, and what they cost.</content>
public sealed partial class ZoetropeAdminClient
{
    /// <summary>The providers as they stand now.</summary>
    /// <param name="all">Those that are not configured as well.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The providers, by name.</returns>
    public Task<AdminProviderList> ProvidersAsync(bool all = false, CancellationToken cancellationToken = default) =>
        GetAsync(Path("providers", ("all", all ? "true" : null)), AdminJson.Default.EnvelopeAdminProviderList, cancellationToken);

    /// <summary>What a provider answered in the last 24 hours, by the minute.</summary>
    /// <param name="provider">Its name.</param>
    /// <param name="minutes">How far back; null for 24 hours.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The minutes that had something, oldest first.</returns>
    public Task<AdminProviderHistory> ProviderHistoryAsync(
        string provider, int? minutes = null, CancellationToken cancellationToken = default) =>
        GetAsync(Path($"providers/{Uri.EscapeDataString(provider)}/history", ("minutes", minutes?.ToString(CultureInfo.InvariantCulture))), AdminJson.Default.EnvelopeAdminProviderHistory, cancellationToken);

    /// <summary>The last failures of a provider.</summary>
    /// <param name="provider">Its name.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The failures, newest first.</returns>
    public Task<AdminProviderErrors> ProviderErrorsAsync(string provider, CancellationToken cancellationToken = default) =>
        GetAsync($"admin/v1/providers/{Uri.EscapeDataString(provider)}/errors", AdminJson.Default.EnvelopeAdminProviderErrors, cancellationToken);

    /// <summary>Takes a provider out of service: nothing more is submitted to it until <see cref="ResumeProviderAsync"/>.</summary>
    /// <param name="provider">Its name.</param>
    /// <param name="reason">Why, for whoever asks later.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Whether it is in service.</returns>
    public Task<AdminProviderPause> PauseProviderAsync(string provider, string reason, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Post,
            $"admin/v1/providers/{Uri.EscapeDataString(provider)}/pause",
            new JsonObject { ["reason"] = reason },
            AdminJson.Default.EnvelopeAdminProviderPause,
            cancellationToken);

    /// <summary>Puts a provider back into service.</summary>
    /// <param name="provider">Its name.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Whether it is in service.</returns>
    public Task<AdminProviderPause> ResumeProviderAsync(string provider, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Post,
            $"admin/v1/providers/{Uri.EscapeDataString(provider)}/resume",
            null,
            AdminJson.Default.EnvelopeAdminProviderPause,
            cancellationToken);

    /// <summary>Checks a provider's keys with calls that cost nothing.</summary>
    /// <param name="provider">Its name.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What they proved of each key.</returns>
    public Task<AdminProviderTest> TestProviderAsync(string provider, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Post,
            $"admin/v1/providers/{Uri.EscapeDataString(provider)}/test",
            null,
            AdminJson.Default.EnvelopeAdminProviderTest,
            cancellationToken);

    /// <summary>What live tasks earned and what their vendors charged.</summary>
    /// <param name="from">The beginning; null for 30 days before the end.</param>
    /// <param name="to">The end, which is not part of it; null for now.</param>
    /// <param name="groupBy"><c>model</c>, <c>provider</c> or <c>account</c>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The sums.</returns>
    public Task<AdminMargin> MarginAsync(
        DateTimeOffset? from = null, DateTimeOffset? to = null, string? groupBy = null, CancellationToken cancellationToken = default) =>
        GetAsync(Path("margin", ("from", Text(from)), ("to", Text(to)), ("groupBy", groupBy)), AdminJson.Default.EnvelopeAdminMargin, cancellationToken);
}
