using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Zoetrope.Cli.Commands;

/// <summary><c>me</c>: who the key is to the server, and what still fits.</summary>
internal static class MeCommand
{
    public static Command Create(Interruption interruption) =>
        new Command("me", "Show whose key this is, its limits and its credits").Doing(interruption, async invocation =>
    {
        var me = await invocation.Client.MeAsync(invocation.CancellationToken);
        invocation.Terminal.Answer(JsonSerializer.SerializeToNode(me, CliJson.Default.MeState)!, console =>
        {
            var scopes = string.Join(',', me.Credential.Scopes);
            Terminal.Line($"{me.Account.Name} ({me.Account.Id}, {me.Account.Plan})");
            Terminal.Line($"{me.Credential.Name} ({me.Credential.Id}, {me.Credential.Mode} {me.Credential.Kind}: {scopes})");
            if (me.Person is { } person)
            {
                Terminal.Line($"{person.Name ?? person.Id}{(person.Role is { } role ? $", {role}" : "")}");
            }

            if (me.Credits is { } credits)
            {
                Terminal.Line($"{Words.Credits(credits.Credits)} available, {Number(credits.Held)} held");
            }

            if (me.Limits.Count == 0)
            {
                return;
            }

            var table = Terminal.NewTable("LIMIT", "OF", "USED", "LEFT", "RESETS");
            foreach (var limit in me.Limits)
            {
                var name = limit.Name == me.Binding ? limit.Name + " *" : limit.Name;
                table.AddRow(
                    Terminal.Cell(name),
                    Terminal.Cell($"{Number(limit.Limit)} ({limit.Whose})"),
                    Terminal.Cell(Number(limit.Used)),
                    Terminal.Cell(Number(limit.Left)),
                    Terminal.Cell(limit.ResetsAt ?? "never"));
            }

            console.Write(table);
        });
    });

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
