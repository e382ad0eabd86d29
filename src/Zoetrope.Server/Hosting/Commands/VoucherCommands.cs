using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Contracts.Admin;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Doors.Admin;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Vouchers;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary><c>vouchers make</c>, <c>vouchers list</c> and <c>vouchers revoke</c>.</summary>
internal static class VoucherCommands
{
    private const int PageSize = 100;

    public static Command Create() => new("vouchers", "Codes that anybody turns into credits of their account, once")
    {
        Make(), List(), Revoke(),
    };

    private static Command Make()
    {
        var count = new Option<int>("--count") { Description = "How many codes", DefaultValueFactory = _ => 1 };
        var amount = new Option<long>("--credits") { Description = "What each is worth", Required = true };
        var mode = KeyCommands.Mode();
        var note = new Option<string?>("--note") { Description = "For yourself; nobody else sees it" };
        var days = new Option<int?>("--days") { Description = "How many days they can be redeemed; for good by default" };
        return new Command("make", "Make vouchers and print their codes, once")
        {
            count, amount, mode, note, days,
        }.Answering(async (parsed, _) =>
        {
            var wanted = new NewVouchers(
                parsed.GetValue(count),
                AdminWire.Mode(parsed.GetRequiredValue(mode)),
                parsed.GetRequiredValue(amount),
                parsed.GetValue(note),
                parsed.GetValue(days) is { } life ? TimeProvider.System.GetUtcNow().AddDays(life) : null);
            if (wanted.Count is < 1 or > VoucherBooks.MostAtOnce
                || wanted.Credits is < 1 or > CreditLedger.MaxAmount || parsed.GetValue(days) < 1)
            {
                throw new StartException(
                    "USAGE",
                    $"--count must be from 1 to {VoucherBooks.MostAtOnce}, --credits from 1 to {CreditLedger.MaxAmount}, "
                        + "and --days at least 1.",
                    StartException.BadSettings);
            }

            await using var database = await OperatorDatabase.OpenAsync();
            var made = VoucherEndpoints.Wire(await database.Vouchers.MakeAsync(Actor.CommandLine, wanted));
            return new Answer(JsonSerializer.SerializeToNode(made, AdminJson.Default.AdminMadeVouchers)!, console =>
            {
                foreach (var code in made.Codes)
                {
                    PlainLines.WriteLine(console, code.Code);
                }
            });
        });
    }

    private static Command List() => new Command("list", "List the batches of vouchers, newest first").Answering(async (_, _) =>
    {
        await using var database = await OperatorDatabase.OpenAsync();
        var batches = new List<AdminVoucherBatch>();
        string? before = null;
        while (await database.Vouchers.ListAsync(PageSize, before) is { Count: > 0 } page)
        {
            batches.AddRange(page.Select(VoucherEndpoints.Wire));
            before = page[^1].Id;
        }

        return new Answer(CommandOutput.ListOf(batches, AdminJson.Default.AdminVoucherBatch), console => Show(console, batches));
    });

    private static Command Revoke()
    {
        var id = new Argument<string>("id") { Description = "A batch (vbat_…) or a voucher (vch_…)" };
        return new Command("revoke", "End a voucher, or all of a batch, that nobody has redeemed") { id }.Answering(async (parsed, _) =>
        {
            await using var database = await OperatorDatabase.OpenAsync();
            var ended = (await database.Vouchers.RevokeAsync(Actor.CommandLine, parsed.GetRequiredValue(id))).OrFail();
            return new Answer(new JsonObject { ["revoked"] = ended }, console => PlainLines.WriteLine(console, $"{ended} revoked"));
        });
    }

    private static void Show(IAnsiConsole console, IReadOnlyList<AdminVoucherBatch> batches)
    {
        var table = CommandOutput.NewTable("BATCH", "MODE", "CREDITS", "MADE", "REDEEMED", "REVOKED", "UNTIL", "NOTE").Cutting("NOTE")
            .Otherwise("There are no vouchers.");
        foreach (var batch in batches)
        {
            table.AddRow(
                batch.Id,
                batch.Mode,
                Number(batch.Credits),
                Number(batch.Made),
                Number(batch.Redeemed),
                Number(batch.Revoked),
                batch.ExpiresAt is { } end ? PlainLines.Seconds(end) : "",
                Markup.Escape(batch.Note ?? ""));
        }

        console.Write(table);
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
