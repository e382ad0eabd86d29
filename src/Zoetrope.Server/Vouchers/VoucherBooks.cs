using System.Net;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Vouchers;

/// <summary>A code just made. It exists nowhere else: it is shown once, and only its hash is kept.</summary>
internal sealed record MadeVoucher(string Id, string Code)
{
    // A record prints its members, and this one must not reach a log by accident.
    public override string ToString() => Id;
}

/// <summary>What a batch shall be.</summary>
internal sealed record NewVouchers(int Count, KeyMode Mode, long Credits, string? Note, DateTimeOffset? ExpiresAt);

/// <summary>A voucher's grant.</summary>
internal sealed record RedeemedVoucher(Voucher Voucher, string TransferId, bool Replayed, Balance Balance);

/// <summary>Vouchers: an operator makes them, and whoever has a code turns it into credits of their account, once.</summary>
internal sealed class VoucherBooks(Database database, CreditLedger ledger, SignInAttempts attempts, TimeProvider time)
{
    public const int MostAtOnce = 1_000;

    // A stranger learns of a code that it is not good, and not which of these it is.
    private static readonly Problem NotValid = Problems.VoucherNotValid.With(
        "This voucher was used, has expired, was revoked or never was. Ask whoever gave it to you.", "code");

    private static readonly Problem NotFound = Problems.VoucherNotFound.With(
        "No voucher and no batch with this id exists. GET /admin/v1/vouchers lists the batches.");

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public Task<(VoucherBatch Batch, IReadOnlyList<MadeVoucher> Codes)> MakeAsync(Actor by, NewVouchers wanted) =>
        database.InTransactionAsync(async tx =>
        {
            var now = Now;
            var batch = new VoucherBatch
            {
                Id = Ids.New(VoucherBatch.Prefix, now),
                Mode = (long)wanted.Mode,
                Credits = wanted.Credits,
                Note = wanted.Note,
                CreatedAt = now,
                ExpiresAt = wanted.ExpiresAt?.ToUnixTimeMilliseconds(),
                Made = wanted.Count,
            };
            await VoucherStore.InsertBatchAsync(tx, batch);
            var codes = new List<MadeVoucher>(wanted.Count);
            for (var i = 0; i < wanted.Count; i++)
            {
                var made = new MadeVoucher(Ids.New(Voucher.Prefix, now), VoucherCode.New());
                await VoucherStore.InsertAsync(tx, made.Id, batch.Id, made.Code);
                codes.Add(made);
            }

            await WriteAsync(tx, by, new AuditEntry(AuditEntry.OfServer, "vouchers.made", batch.Id)
            {
                After = new
                {
                    count = wanted.Count,
                    mode = wanted.Mode.Word(),
                    credits = wanted.Credits,
                    note = wanted.Note,
                    expiresAt = WireTime.Text(batch.ExpiresAt),
                },
            });
            return (batch, (IReadOnlyList<MadeVoucher>)codes);
        });

    /// <summary>Newest first.</summary>
    public ValueTask<List<VoucherBatch>> ListAsync(int limit, string? before) =>
        database.ReadAsync(async session => await VoucherStore.ListAsync(session, limit, before));

    public async Task<Outcome<(VoucherBatch Batch, List<Voucher> Vouchers)>> FindAsync(string batchId) =>
        await database.ReadAsync(async session => await VoucherStore.FindBatchAsync(session, batchId)) is not { } batch
            ? NotFound
            : (batch, await database.ReadAsync(async session => await VoucherStore.OfBatchAsync(session, batchId)));

    /// <summary>Ends a code, or all of a batch, that nobody has used yet; how many.</summary>
    public Task<Outcome<int>> RevokeAsync(Actor by, string id) => database.InTransactionAsync<Outcome<int>>(async tx =>
    {
        var ended = await VoucherStore.RevokeAsync(tx, id, Now);
        if (ended == 0)
        {
            return await VoucherStore.ExistsAsync(tx, id)
                ? Problems.InvalidOperation.With("There is nothing left to revoke: it was used or revoked before.", given: id)
                : NotFound with { Given = id };
        }

        await WriteAsync(tx, by, new AuditEntry(AuditEntry.OfServer, "vouchers.revoked", id) { After = new { revoked = ended } });
        return ended;
    });

    /// <summary>
    /// Turns a code into credits of the caller's account. The account that has done so hears the same again; anybody else that the code
    /// is not good.
    /// </summary>
    public async Task<Outcome<RedeemedVoucher>> RedeemAsync(Actor by, string accountId, string text, IPAddress? address)
    {
        if (VoucherCode.Read(text) is not { } code)
        {
            return Problems.InvalidParameter.With(
                "This is no code of a voucher: a character is wrong or missing. A code has three groups of seven letters and digits.",
                "code");
        }

        // The account counts like a name: whoever tries many codes is stopped, and is not told more for it.
        var name = "voucher " + accountId;
        if (await attempts.CountAsync(name, address) is { } throttled)
        {
            return throttled with { Message = "There were too many codes of vouchers from here that were not good. Try again later." };
        }

        var redeemed = await database.InTransactionAsync(tx => RedeemAsync(tx, by, accountId, code));
        if (!redeemed.Failed(out _))
        {
            await attempts.ForgiveAsync(name, address);
        }

        return redeemed;
    }

    private async Task<Outcome<RedeemedVoucher>> RedeemAsync(Tx tx, Actor by, string accountId, string code)
    {
        var hash = VoucherCode.Hash(code);
        var taken = await VoucherStore.TakeAsync(tx, hash, accountId, Now);
        if (await VoucherStore.FindAsync(tx, hash) is not { } voucher || voucher.RedeemedBy != accountId)
        {
            return NotValid;
        }

        var mode = (KeyMode)voucher.Mode;
        if (!taken)
        {
            return new RedeemedVoucher(voucher, voucher.TransferId!, Replayed: true, await CreditLedger.BalanceAsync(tx, accountId, mode));
        }

        var granted = await ledger.GrantAsync(tx, accountId, mode, voucher.Credits, "Voucher", voucher.Reference);
        if (granted.Failed(out var problem, out var booking))
        {
            return problem;
        }

        await VoucherStore.BookedAsync(tx, voucher.Id, booking.TransferId);
        var balance = await CreditLedger.BalanceAsync(tx, accountId, mode);
        await WriteAsync(tx, by, new AuditEntry(accountId, "voucher.redeemed", voucher.Id)
        {
            After = new { transferId = booking.TransferId, mode = mode.Word(), credits = voucher.Credits, available = balance.Available },
        });
        return new RedeemedVoucher(voucher, booking.TransferId, Replayed: false, balance);
    }

    private Task WriteAsync(Tx tx, Actor by, AuditEntry entry) => AuditLog.AppendAsync(tx, by, entry, time.GetUtcNow());
}
