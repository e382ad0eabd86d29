using Microsoft.AspNetCore.Mvc;
using Zoetrope.Contracts.Admin;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Vouchers;

namespace Zoetrope.Server.Doors.Admin;

/// <summary><c>/admin/v1/vouchers</c>: codes that become credits.</summary>
internal static class VoucherEndpoints
{
    private const int MaxNote = 255;

    public static void MapVouchers(this RouteGroupBuilder admin)
    {
        admin.MapPost("/vouchers", MakeAsync)
            .RequireFreshProof()
            .WithSummary("Make vouchers")
            .WithDescription(
                "Codes of 100 random bits that anybody turns into credits of their account, each once. The answer is the only one that "
                + "has them: the server keeps their hashes. A session needs a proof of the last ten minutes.")
            .WithExample("""{"count":2,"mode":"live","credits":500,"note":"for the fair","expiresAt":"2027-01-01T00:00:00Z"}""")
            .Produces<Envelope<AdminMadeVouchers>>();
        admin.MapGet("/vouchers", ListAsync)
            .WithSummary("List the batches of vouchers, newest first")
            .WithDescription("How many codes each batch has, and how many of them were redeemed or revoked.")
            .WithQuery("limit", "integer", "1–100, 20 by default.")
            .WithQuery("cursor", "string", "`nextCursor` of the previous page.")
            .Produces<Envelope<AdminVoucherBatchPage>>();
        admin.MapGet("/vouchers/{id}", ReadAsync)
            .WithSummary("Read a batch of vouchers")
            .WithDescription("Each code by its first characters, with the account that redeemed it.")
            .Produces<Envelope<AdminVoucherBatchRecord>>();
        admin.MapDelete("/vouchers/{id}", RevokeAsync)
            .WithSummary("Revoke a voucher, or a batch of them")
            .WithDescription("Codes that nobody has redeemed are good no more. What was redeemed stays with its account.")
            .Produces<Envelope<AdminRevokedVouchers>>();
    }

    public static AdminVoucherBatch Wire(VoucherBatch batch) => new(
        batch.Id, ((KeyMode)batch.Mode).Word(), batch.Credits, batch.Made, batch.Redeemed, batch.Revoked, WireTime.Text(batch.CreatedAt))
    {
        Note = batch.Note,
        ExpiresAt = WireTime.Text(batch.ExpiresAt),
    };

    public static AdminMadeVouchers Wire((VoucherBatch Batch, IReadOnlyList<MadeVoucher> Codes) made) =>
        new(Wire(made.Batch), [.. made.Codes.Select(code => new AdminVoucherCode(code.Id, VoucherCode.Text(code.Code)))]);

    private static Task<Answer> MakeAsync(
        HttpContext context, [FromServices] VoucherBooks vouchers, TimeProvider time) => RequestFields.ReadStrictAsync(context, async fields =>
    {
        var count = fields.Integer("count", 1, VoucherBooks.MostAtOnce, required: true);
        var mode = fields.OneOf("mode", AdminWire.Modes, required: true);
        var credits = fields.Integer("credits", 1, CreditLedger.MaxAmount, required: true);
        var note = fields.Text("note", MaxNote);
        var expires = fields.Instant("expiresAt");
        if (fields.Problem() is { } problem)
        {
            return problem;
        }

        if (expires <= time.GetUtcNow())
        {
            return Problems.InvalidParameter.With("expiresAt must be in the future.", "expiresAt", WireTime.Text(expires.Value));
        }

        context.Response.Headers.CacheControl = "no-store";
        return AdminEndpoints.Ok(Wire(await vouchers.MakeAsync(
            context.Actor(), new NewVouchers((int)count!.Value, AdminWire.Mode(mode), credits!.Value, note, expires))));
    });

    private static async Task<Answer> ListAsync(HttpContext context, [FromServices] VoucherBooks vouchers)
    {
        var query = context.Request.Query;
        if (Paging.Read(query["limit"], query["cursor"], VoucherBatch.Prefix).Failed(out var problem, out var page))
        {
            return problem;
        }

        var batches = await vouchers.ListAsync(page.Limit + 1, page.After);
        return AdminEndpoints.Ok(
            new AdminVoucherBatchPage([.. batches.Take(page.Limit).Select(Wire)], page.NextCursor(batches, batch => batch.Id)));
    }

    private static async Task<Answer> ReadAsync([FromServices] VoucherBooks vouchers, TimeProvider time, string id)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return AdminEndpoints.Wire(await vouchers.FindAsync(id), found => new AdminVoucherBatchRecord(
            Wire(found.Batch),
            [.. found.Vouchers.Select(voucher => new AdminVoucher(voucher.Id, voucher.Preview, State(voucher, now))
            {
                RedeemedBy = voucher.RedeemedBy,
                RedeemedAt = WireTime.Text(voucher.RedeemedAt),
                TransferId = voucher.TransferId,
            })]));
    }

    private static async Task<Answer> RevokeAsync(HttpContext context, [FromServices] VoucherBooks vouchers, string id) =>
        AdminEndpoints.Wire(await vouchers.RevokeAsync(context.Actor(), id), ended => new AdminRevokedVouchers(id, ended));

    private static string State(Voucher voucher, long now) =>
        voucher.RedeemedAt is not null ? "redeemed"
        : voucher.RevokedAt is not null ? "revoked"
        : voucher.ExpiresAt <= now ? "expired"
        : "open";
}
