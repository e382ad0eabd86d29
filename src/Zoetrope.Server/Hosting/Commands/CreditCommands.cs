using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Zoetrope.Contracts.Admin;
using Zoetrope.Server.Doors.Admin;
using Zoetrope.Server.Ledger;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary><c>credits grant</c> and <c>credits show</c>.</summary>
internal static class CreditCommands
{
    public static Command Create() => new("credits", "Manage the credits that accounts can spend") { Grant(), Show() };

    private static Command Grant()
    {
        var account = new Option<string>("--account") { Description = "The account's id", Required = true };
        var amount = new Option<long>("--amount") { Description = "How many credits to give", Required = true };
        var mode = KeyCommands.Mode();
        var reason = new Option<string>("--reason") { Description = "The reason, stored with the booking", Required = true };
        var reference = new Option<string?>("--reference")
        {
            Description = "Your reference, such as an invoice number; a repeated grant with the same reference is booked only once",
        };
        return new Command(
            "grant", "Give credits to an account") { account, amount, mode, reason, reference }.Answering(async (parsed, _) =>
        {
            var credits = parsed.GetRequiredValue(amount);
            if (credits is <= 0 or > CreditLedger.MaxAmount)
            {
                throw new StartException("USAGE", $"--amount must be from 1 to {CreditLedger.MaxAmount}.", StartException.BadSettings);
            }

            await using var database = await OperatorDatabase.OpenAsync();
            var booked = await database.Accounts.GrantCreditsAsync(
                parsed.GetRequiredValue(account),
                AdminWire.Mode(parsed.GetRequiredValue(mode)),
                credits,
                parsed.GetRequiredValue(reason),
                parsed.GetValue(reference));
            var answer = AdminWire.Wire(booked.OrFail());
            return new Answer(JsonSerializer.SerializeToNode(answer, AdminJson.Default.AdminBooking)!, console =>
                console.Profile.Out.Writer.WriteLine(
                    $"{answer.TransferId}  {answer.Balance.Mode}: {answer.Balance.Available} available, {answer.Balance.Held} held"
                    + (answer.Replayed ? "  (this reference was booked before)" : "")));
        });
    }

    private static Command Show()
    {
        var account = new Option<string?>("--account") { Description = "Show only this account" };
        return new Command("show", "Show balances") { account }.Answering(async (parsed, cancellationToken) =>
        {
            await using var database = await OperatorDatabase.OpenAsync();
            var ids = parsed.GetValue(account) is { } only
                ? [only]
                : await AccountCommands.AllAsync(database.Accounts).Select(found => found.Id).ToListAsync(cancellationToken);
            var rows = new List<(string AccountId, AdminBalance Balance)>();
            foreach (var id in ids)
            {
                rows.AddRange(
                    (await database.Accounts.BalancesAsync(id)).OrFail().Select(item => (id, AdminWire.Wire(item.Mode, item.Balance))));
            }

            return new Answer(Json(rows), console => Print(console, rows));
        });
    }

    private static System.Text.Json.Nodes.JsonArray Json(List<(string AccountId, AdminBalance Balance)> rows) => [.. rows.Select(row =>
    {
        var node = JsonSerializer.SerializeToNode(row.Balance, AdminJson.Default.AdminBalance)!.AsObject();
        node.Insert(0, "accountId", row.AccountId);
        return node;
    })];

    private static void Print(IAnsiConsole console, List<(string AccountId, AdminBalance Balance)> rows)
    {
        var table = CommandOutput.NewTable("ACCOUNT", "MODE", "AVAILABLE", "HELD");
        foreach (var (accountId, balance) in rows)
        {
            table.AddRow(accountId, balance.Mode, $"{balance.Available}", $"{balance.Held}");
        }

        console.Write(table);
    }
}
