using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Zoetrope.Contracts.Admin;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Doors.Admin;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary><c>key limit</c>: what a program may spend that the holder of a key gave access to.</summary>
internal static class GrantCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "The grant's id (key_…), from key list --grants" };
        var spendPerDay = new Option<long?>("--spend-per-day") { Description = "The limit of credits that its tasks of a UTC day may cost" };
        var askAbove = new Option<long?>("--ask-above")
        {
            Description = "A request that costs more credits than this must be agreed to by the program's user",
        };
        return new Command("limit", "Change what a program with OAuth access may spend, up to the limits of the key that gave it")
        {
            id, spendPerDay, askAbove,
        }.Answering(async (parsed, cancellationToken) =>
        {
            var change = new GrantChange(
                KeyCommands.Within("--spend-per-day", parsed.GetValue(spendPerDay), 1) is { } perDay ? new GrantLimit(perDay) : null,
                KeyCommands.Within("--ask-above", parsed.GetValue(askAbove), 0) is { } above ? new GrantLimit(above) : null);
            if (change is { SpendPerDay: null, AskAbove: null })
            {
                throw new StartException(
                    "USAGE", "Nothing to change. Give --spend-per-day, --ask-above or both.", StartException.BadSettings);
            }

            await using var database = await OperatorDatabase.OpenAsync();
            var found = await KeyCommands.FindAsync(database, parsed.GetRequiredValue(id), cancellationToken);
            var key = AdminWire.Wire((await database.Accounts.ChangeGrantAsync(Actor.CommandLine, found.AccountId, found.Id, change)).OrFail());
            return new Answer(JsonSerializer.SerializeToNode(key, AdminJson.Default.AdminKey)!, console => Show(console, [key]));
        });
    }

    public static void Show(IAnsiConsole console, IReadOnlyList<AdminKey> grants)
    {
        var table = CommandOutput.NewTable("ID", "A DAY", "SPENT", "ASKS ABOVE", "STATE", "PROGRAM").Cutting("PROGRAM");
        foreach (var grant in grants)
        {
            table.AddRow(
                grant.Id,
                Credits(grant.SpendPerDay),
                Credits(grant.Spent),
                Credits(grant.AskAbove),
                KeyCommands.State(grant),
                Markup.Escape(grant.Name));
        }

        console.Write(table);
    }

    private static string Credits(long? credits) => credits?.ToString(CultureInfo.InvariantCulture) ?? "–";
}
