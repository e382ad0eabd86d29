using System.CommandLine;
using System.Text.Json.Nodes;

namespace Zoetrope.Server.Hosting.Commands.Upkeep;

/// <summary><c>usage rebuild</c>.</summary>
internal static class UsageCommands
{
    public static Command Create() => new("usage", "What tasks used, counted behind the event log") { Rebuild() };

    private static Command Rebuild()
    {
        var only = new Option<string?>("--account") { Description = "Only this account", HelpName = "id" };
        return new Command(
            "rebuild",
            "Count usage anew from the ledger, while the server runs. Days with "
            + "deleted tasks or attempts stay as they are") { only }.Answering(async (parsed, _) =>
        {
            await using var database = await OperatorDatabase.OpenAsync();
            var accounts = parsed.GetValue(only) is { } one
                ? [one]
                : await database.ReadAsync(async session => await session.QueryAsync<string>("select id from accounts order by id"));
            foreach (var account in accounts)
            {
                await database.Usage.RebuildAsync(account);
            }

            return new Answer(
                new JsonObject { ["accounts"] = accounts.Count },
                console => PlainLines.WriteLine(console, $"Usage of {accounts.Count} accounts was counted anew."));
        });
    }
}
