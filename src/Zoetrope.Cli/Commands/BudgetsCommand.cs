using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Cli.Commands;

/// <summary><c>budgets</c>: what some tasks of the account may cost in a period.</summary>
internal static class BudgetsCommand
{
    public static Command Create(Interruption interruption) => new("budgets", "Show and set what tasks may cost in a period")
    {
        List(interruption), Set(interruption), Change(interruption), Delete(interruption),
    };

    private static Command List(Interruption interruption) => new Command("list", "List the budgets with what is used of each")
        .Doing(interruption, async invocation =>
    {
        var budgets = await invocation.Client.BudgetsAsync(invocation.CancellationToken);
        invocation.Terminal.Answer(new JsonArray([.. budgets.Select(Wire)]), console => Show(console, budgets));
    });

    private static Command Set(Interruption interruption)
    {
        var name = new Argument<string>("name") { Description = "What people call it" };
        var scope = new Option<string>("--scope") { Description = "Which tasks it is about", DefaultValueFactory = _ => "account" };
        scope.AcceptOnlyFromAmong("account", "key", "member", "user", "tag", "model");
        var subject = new Option<string?>("--subject") { Description = "Whose, or with what; a tag as name:value" };
        var period = new Option<string>("--period") { Description = "How often it begins anew (UTC)", DefaultValueFactory = _ => "month" };
        period.AcceptOnlyFromAmong("day", "week", "month", "total");
        var limit = new Option<long>("--limit") { Description = "Credits a period", HelpName = "credits", Required = true };
        return new Command("set", "Set a budget; the key needs the scope budgets") { name, scope, subject, period, limit }
            .Doing(interruption, async invocation => Answer(invocation, await invocation.Client.CreateBudgetAsync(
                new BudgetRequest
                {
                    Name = invocation.Value(name),
                    Scope = invocation.Value(scope),
                    Subject = invocation.Value(subject),
                    Period = invocation.Value(period),
                    Limit = invocation.Value(limit),
                },
                invocation.CancellationToken)));
    }

    private static Command Change(Interruption interruption)
    {
        var id = Id();
        var name = new Option<string?>("--name") { Description = "Another name" };
        var limit = new Option<long?>("--limit") { Description = "Another limit", HelpName = "credits" };
        var raise = new Option<long?>("--raise") { Description = "A higher limit until --until", HelpName = "credits" };
        var until = new Option<string?>("--until") { Description = "When the raise ends, ISO 8601", HelpName = "time" };
        return new Command("change", "Change a budget, or raise it for some time") { id, name, limit, raise, until }
            .Doing(interruption, async invocation =>
        {
            var (to, end) = (invocation.Value(raise), invocation.Value(until));
            if (to is null != end is null)
            {
                throw CliException.Usage("--raise and --until belong together.", "--raise 8000 --until 2030-01-31T00:00:00Z");
            }

            var change = new BudgetPatch
            {
                Name = invocation.Value(name),
                Limit = invocation.Value(limit),
                Raise = to is { } credits ? new BudgetRaise(credits, end!) : null,
            };
            Answer(invocation, await invocation.Client.ChangeBudgetAsync(invocation.Value(id), change, invocation.CancellationToken));
        });
    }

    private static Command Delete(Interruption interruption)
    {
        var id = Id();
        return new Command("delete", "Delete a budget") { id }.Doing(interruption, async invocation =>
        {
            var budget = await invocation.Client.DeleteBudgetAsync(invocation.Value(id), invocation.CancellationToken);
            invocation.Terminal.Answer(Wire(budget), _ => Terminal.Line($"{budget.Id}  deleted"));
        });
    }

    private static Argument<string> Id() => new("id") { Description = "The budget's id (budget_…), from zoetrope budgets list" };

    private static JsonNode Wire(BudgetState budget) => JsonSerializer.SerializeToNode(budget, CliJson.Default.BudgetState)!;

    private static void Answer(Invocation invocation, BudgetState budget) =>
        invocation.Terminal.Answer(Wire(budget), console => Show(console, [budget]));

    private static void Show(IAnsiConsole console, IReadOnlyList<BudgetState> budgets)
    {
        var table = Terminal.NewTable("ID", "PERIOD", "USED", "HELD", "LIMIT", "PERCENT", "TASKS", "NAME").Cutting("TASKS", "NAME")
            .Otherwise("There is no budget.");
        foreach (var budget in budgets)
        {
            table.AddRow(
                Terminal.Cell(budget.Id),
                Terminal.Cell(budget.Period),
                Number(budget.Used),
                Number(budget.Held),
                Number(budget.Raise?.Limit ?? budget.Limit),
                Number(budget.Percent),
                Terminal.Cell(budget.Subject is null ? "all" : $"{budget.Scope} {budget.Subject}"),
                Terminal.Cell(budget.Name));
        }

        console.Write(table);
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
