using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Zoetrope.Contracts.Admin;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Doors.Admin;
using Zoetrope.Server.Ledger;
using Zoetrope.Server.Operator;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary><c>credits grant</c>, <c>adjust</c>, <c>refund</c>, <c>ledger</c> and <c>show</c>.</summary>
internal static class CreditCommands
{
    public static Command Create() =>
        new("credits", "Manage the credits that accounts can spend") { Grant(), Adjust(), Refund(), Ledger(), Show() };

    private static Command Grant()
    {
        var account = new Option<string>("--account") { Description = "The account's id", Required = true };
        var amount = new Option<long>("--amount") { Description = "How many credits to give", Required = true };
        var mode = KeyCommands.Mode();
        var reason = new Option<string>("--reason") { Description = "The reason, stored with the booking", Required = true };
        var reference = Reference();
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
                Actor.CommandLine, parsed.GetRequiredValue(account),
                AdminWire.Mode(parsed.GetRequiredValue(mode)),
                credits,
                parsed.GetRequiredValue(reason),
                parsed.GetValue(reference));
            return Booked(booked.OrFail());
        });
    }

    private static Command Adjust()
    {
        var account = new Option<string>("--account") { Description = "The account's id", Required = true };
        var amount = new Option<long>("--amount") { Description = "Credits to add, or to take if it is negative", Required = true };
        var mode = KeyCommands.Mode();
        var reason = new Option<string>("--reason") { Description = "The reason, stored with the booking", Required = true };
        var reference = Reference();
        return new Command(
            "adjust", "Correct an account's credits up or down, never below zero") { account, amount, mode, reason, reference }.Answering(
            async (parsed, _) =>
        {
            var credits = parsed.GetRequiredValue(amount);
            if (credits is 0 or < -CreditLedger.MaxAmount or > CreditLedger.MaxAmount)
            {
                throw new StartException(
                    "USAGE", $"--amount must not be 0, and at most {CreditLedger.MaxAmount} up or down.", StartException.BadSettings);
            }

            await using var database = await OperatorDatabase.OpenAsync();
            return Booked((await database.Accounts.AdjustCreditsAsync(
                Actor.CommandLine, parsed.GetRequiredValue(account),
                AdminWire.Mode(parsed.GetRequiredValue(mode)),
                credits,
                parsed.GetRequiredValue(reason),
                parsed.GetValue(reference))).OrFail());
        });
    }

    private static Command Refund()
    {
        var task = new Argument<string>("task") { Description = "The task's id (task_…)" };
        var amount = new Option<long?>("--amount") { Description = "How many credits; by default all that is not refunded yet" };
        var reason = new Option<string>("--reason") { Description = "The reason, stored with the booking", Required = true };
        var reference = Reference();
        return new Command(
            "refund", "Give back what a task was charged") { task, amount, reason, reference }.Answering(async (parsed, _) =>
        {
            var id = parsed.GetRequiredValue(task);
            if (parsed.GetValue(amount) is <= 0 or > CreditLedger.MaxAmount)
            {
                throw new StartException("USAGE", $"--amount must be from 1 to {CreditLedger.MaxAmount}.", StartException.BadSettings);
            }

            await using var database = await OperatorDatabase.OpenAsync();
            var found = (Ids.IsValid(Ids.Generation, id) ? await database.Tasks.FindAsync(id) : []).FirstOrDefault()
                ?? throw new StartException(Problems.TaskNotFound.Code, $"No task has the id {id}.");
            return Booked((await database.Accounts.RefundAsync(
                Actor.CommandLine, found.Task.AccountId, id, parsed.GetValue(amount), parsed.GetRequiredValue(reason), parsed.GetValue(reference))).OrFail());
        });
    }

    private static Command Ledger()
    {
        const int Most = 1_000;
        var account = new Option<string>("--account") { Description = "The account's id", Required = true };
        var limit = new Option<int>("--limit") { Description = $"At most so many lines, up to {Most}", DefaultValueFactory = _ => 20 };
        return new Command("ledger", "List an account's ledger, newest first") { account, limit }.Answering(async (parsed, _) =>
        {
            var wanted = parsed.GetValue(limit);
            if (wanted is < 1 or > Most)
            {
                throw new StartException("USAGE", $"--limit must be from 1 to {Most}.", StartException.BadSettings);
            }

            await using var database = await OperatorDatabase.OpenAsync();
            var lines = (await database.Books.LedgerAsync(parsed.GetRequiredValue(account), null, null, wanted, null)).OrFail()
                .ConvertAll(SearchWire.Wire);
            return new Answer(CommandOutput.ListOf(lines, AdminJson.Default.AdminTransfer), console => Show(console, lines));
        });
    }

    private static void Show(IAnsiConsole console, List<AdminTransfer> lines)
    {
        var table = CommandOutput.NewTable("AT", "MODE", "KIND", "AMOUNT", "FROM", "TO", "WHY").Cutting("WHY").Otherwise("No entries.");
        foreach (var line in lines)
        {
            table.AddRow(
                PlainLines.Seconds(line.At),
                line.Mode,
                line.Kind,
                $"{line.Amount}",
                line.From,
                line.To,
                Markup.Escape(string.Join("  ", new[] { line.TaskId, line.Reason }.Where(static part => part is not null))));
        }

        console.Write(table);
    }

    private static Option<string?> Reference() => new("--reference")
    {
        Description = "Your reference, such as an invoice number; what is repeated with the same reference is booked only once",
    };

    private static Answer Booked(Booked booked)
    {
        var answer = AdminWire.Wire(booked);
        return new Answer(JsonSerializer.SerializeToNode(answer, AdminJson.Default.AdminBooking)!, console =>
            console.Profile.Out.Writer.WriteLine(
                $"{answer.TransferId}  {answer.Balance.Mode}: {answer.Balance.Available} available, {answer.Balance.Held} held"
                + (answer.Replayed ? "  (this reference was booked before)" : "")));
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
        var table = CommandOutput.NewTable("ACCOUNT", "MODE", "AVAILABLE", "HELD").Otherwise("No accounts.");
        foreach (var (accountId, balance) in rows)
        {
            table.AddRow(accountId, balance.Mode, $"{balance.Available}", $"{balance.Held}");
        }

        console.Write(table);
    }
}
