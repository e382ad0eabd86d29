using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Zoetrope.Cli.Commands;

/// <summary><c>credits</c>: what is there.</summary>
internal static class CreditsCommand
{
    public static Command Create(Interruption interruption) => new Command("credits", "Show the credits of the key's account")
        .Doing(interruption, async invocation =>
    {
        var balance = await invocation.Client.CreditsAsync(invocation.CancellationToken);
        invocation.Terminal.Answer(JsonSerializer.SerializeToNode(balance, CliJson.Default.CreditBalance)!, _ =>
        {
            // The bare number, so that a script can compare it.
            Terminal.Line(balance.Credits.ToString(CultureInfo.InvariantCulture));
            var held = balance.Held > 0 ? $", {balance.Held.ToString(CultureInfo.InvariantCulture)} held by running tasks" : "";
            invocation.Terminal.Note($"{Words.Credits(balance.Credits)} available{held} ({balance.Mode})");
        });
    });
}
