using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Zoetrope.Contracts.Admin;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Doors.Admin;
using Zoetrope.Server.Operator;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary><c>account create</c>, <c>account change</c> and <c>account list</c>.</summary>
internal static class AccountCommands
{
    private const int PageSize = 500;

    public static Command Create() => new("account", "Manage accounts, which own keys and credits") { CreateOne(), Change(), List() };

    /// <summary>Every account, oldest first; those whose name has this part, if one is given.</summary>
    public static async IAsyncEnumerable<Account> AllAsync(AccountOperations operations, string? name = null)
    {
        string? after = null;
        while (await operations.ListAccountsAsync(PageSize, after, name) is { Count: > 0 } page)
        {
            foreach (var account in page)
            {
                yield return account;
            }

            after = page[^1].Id;
        }
    }

    private static Command CreateOne()
    {
        var name = new Option<string>("--name", "-n") { Description = "Your name for the account", Required = true };
        var plan = new Option<string>("--plan")
        {
            Description = string.Join(", ", Plans.All.Select(known => known.Name)),
            DefaultValueFactory = _ => Plans.Enterprise.Name,
        };
        return new Command("create", "Create an account") { name, plan }.Answering(async (parsed, _) =>
        {
            await using var database = await OperatorDatabase.OpenAsync();
            var account = AdminWire.Wire(
                (await database.Accounts.CreateAccountAsync(Actor.CommandLine, parsed.GetRequiredValue(name), parsed.GetRequiredValue(plan))).OrFail());
            return new Answer(
                JsonSerializer.SerializeToNode(account, AdminJson.Default.AdminAccount)!, console => Show(console, [account]));
        });
    }

    private static Command Change()
    {
        var id = new Argument<string>("id") { Description = "The account's id (acct_…)" };
        var plan = new Option<string>("--plan")
        {
            Description = string.Join(", ", Plans.All.Select(known => known.Name)),
            Required = true,
        };
        return new Command(
            "change", "Put an account on another plan; a running server notices within a second") { id, plan }.Answering(async (parsed, _) =>
        {
            await using var database = await OperatorDatabase.OpenAsync();
            var account = AdminWire.Wire(
                (await database.Accounts.ChangePlanAsync(Actor.CommandLine, parsed.GetRequiredValue(id), parsed.GetRequiredValue(plan))).OrFail());
            return new Answer(
                JsonSerializer.SerializeToNode(account, AdminJson.Default.AdminAccount)!, console => Show(console, [account]));
        });
    }

    private static Command List()
    {
        var name = new Option<string?>("--name", "-n") { Description = "Only those whose name contains this, in upper or lower case" };
        return new Command("list", "List the accounts, oldest first") { name }.Answering(async (parsed, cancellationToken) =>
        {
            await using var database = await OperatorDatabase.OpenAsync();
            var part = parsed.GetValue(name);
            var accounts = await AllAsync(database.Accounts, part).Select(AdminWire.Wire).ToListAsync(cancellationToken);
            var none = part is null ? "No accounts." : $"No account has {ShortText.Of(part)} in its name.";
            return new Answer(CommandOutput.ListOf(accounts, AdminJson.Default.AdminAccount), console => Show(console, accounts, none));
        });
    }

    private static void Show(IAnsiConsole console, IReadOnlyList<AdminAccount> accounts, string none = "")
    {
        var table = CommandOutput.NewTable("ID", "PLAN", "CREATED", "NAME").Cutting("NAME").Otherwise(none);
        foreach (var account in accounts)
        {
            table.AddRow(account.Id, account.Plan, account.CreatedAt, Markup.Escape(account.Name));
        }

        console.Write(table);
    }
}
