using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Cli.Commands;

/// <summary><c>grants</c>: what programs may spend that were allowed with the key on the consent page.</summary>
internal static class GrantsCommand
{
    public static Command Create(Interruption interruption) =>
        new("grants", "Manage the programs that your key gave access to on the consent page")
        {
            List(interruption), Change(interruption), End(interruption),
        };

    private static Command List(Interruption interruption) => new Command("list", "List the programs and what they may spend")
        .Doing(interruption, async invocation =>
    {
        var grants = await invocation.Client.GrantsAsync(invocation.CancellationToken);
        invocation.Terminal.Answer(new JsonArray([.. grants.Select(Wire)]), console =>
        {
            if (grants.Count == 0)
            {
                invocation.Terminal.Note("No program has access through this key. Another key may have allowed it.");
                return;
            }

            Show(console, grants);
        });
    });

    private static Command Change(Interruption interruption)
    {
        var id = Id();
        var perDay = new Option<long?>("--spend-per-day")
        {
            Description = "The limit of credits that its tasks of a UTC day may cost",
            HelpName = "credits",
        };
        var askAbove = new Option<long?>("--ask-above")
        {
            Description = "A request that costs more credits than this must be agreed to",
            HelpName = "credits",
        };
        return new Command("change", "Change what a program may spend, up to the limits of your key") { id, perDay, askAbove }
            .Doing(interruption, async invocation =>
        {
            var request = new GrantRequest { SpendPerDay = invocation.Value(perDay), AskAbove = invocation.Value(askAbove) };
            if (request is { SpendPerDay: null, AskAbove: null })
            {
                throw new CliException("USAGE", "Nothing to change.", ExitCode.Usage, "give --spend-per-day, --ask-above or both");
            }

            var grant = await invocation.Client.ChangeGrantAsync(invocation.Value(id), request, invocation.CancellationToken);
            invocation.Terminal.Answer(Wire(grant), console => Show(console, [grant]));
        });
    }

    private static Command End(Interruption interruption)
    {
        var id = Id();
        return new Command("end", "End a program's access; its running tasks go on") { id }.Doing(interruption, async invocation =>
        {
            var grant = await invocation.Client.EndGrantAsync(invocation.Value(id), invocation.CancellationToken);
            invocation.Terminal.Answer(Wire(grant), _ => Terminal.Line($"{grant.Id}  ended"));
        });
    }

    private static Argument<string> Id() => new("id") { Description = "The grant's id (key_…), from zoetrope grants list" };

    private static JsonNode Wire(GrantState grant) => JsonSerializer.SerializeToNode(grant, CliJson.Default.GrantState)!;

    private static void Show(IAnsiConsole console, IReadOnlyList<GrantState> grants)
    {
        var table = Terminal.NewTable("ID", "A DAY", "SPENT", "ASKS ABOVE", "PROGRAM").Cutting("PROGRAM");
        foreach (var grant in grants)
        {
            table.AddRow(
                Terminal.Cell(grant.Id),
                Terminal.Cell(Credits(grant.SpendPerDay)),
                Terminal.Cell(Credits(grant.Spent)),
                Terminal.Cell(Credits(grant.AskAbove)),
                Terminal.Cell(grant.Name));
        }

        console.Write(table);
    }

    private static string Credits(long? credits) => credits?.ToString(CultureInfo.InvariantCulture) ?? "–";
}
