using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Zoetrope.Contracts.Admin;

namespace Zoetrope.Client;

/// <content>Codes that become credits.</content>
public sealed partial class ZoetropeAdminClient
{
    /// <summary>Makes vouchers. Tried once: a lost answer would hide codes that are good.</summary>
    /// <param name="count">How many.</param>
    /// <param name="mode"><c>test</c> or <c>live</c>.</param>
    /// <param name="credits">What each of them is worth.</param>
    /// <param name="note">For whom; null for none.</param>
    /// <param name="expiresAt">Until when they can be redeemed; null means for good.</param>
    /// <param name="cancellationToken">Ends the call; the vouchers may exist all the same.</param>
    /// <returns>The batch with its codes, which are not shown again.</returns>
    public Task<AdminMadeVouchers> MakeVouchersAsync(
        int count, string mode, long credits, string? note = null, DateTimeOffset? expiresAt = null, CancellationToken cancellationToken = default)
    {
        var body = new JsonObject { ["count"] = count, ["mode"] = mode, ["credits"] = credits };
        if (note is not null)
        {
            body["note"] = note;
        }

        if (expiresAt is not null)
        {
            body["expiresAt"] = Text(expiresAt);
        }

        return _transport.CallAsync(
            () => Transport.Once(new HttpRequestMessage(HttpMethod.Post, "admin/v1/vouchers")
            {
                Content = JsonContent.Create(body, AdminJson.Default.JsonObject),
            }),
            AdminJson.Default.EnvelopeAdminMadeVouchers,
            cancellationToken);
    }

    /// <summary>The batches of vouchers, newest first.</summary>
    /// <param name="cursor"><c>nextCursor</c> of the page before.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A page of at most 50 batches.</returns>
    public Task<AdminVoucherBatchPage> VouchersAsync(string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync(Path("vouchers", ("limit", "50"), ("cursor", cursor)), AdminJson.Default.EnvelopeAdminVoucherBatchPage, cancellationToken);

    /// <summary>A batch with its vouchers, each by its first characters.</summary>
    /// <param name="id">The batch.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The batch.</returns>
    public Task<AdminVoucherBatchRecord> VoucherBatchAsync(string id, CancellationToken cancellationToken = default) =>
        GetAsync($"admin/v1/vouchers/{Uri.EscapeDataString(id)}", AdminJson.Default.EnvelopeAdminVoucherBatchRecord, cancellationToken);

    /// <summary>Ends a voucher or a batch: what nobody has redeemed is good no more.</summary>
    /// <param name="id">The voucher or the batch.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many it was.</returns>
    public Task<AdminRevokedVouchers> RevokeVouchersAsync(string id, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Delete,
            $"admin/v1/vouchers/{Uri.EscapeDataString(id)}",
            null,
            AdminJson.Default.EnvelopeAdminRevokedVouchers,
            cancellationToken);
}
