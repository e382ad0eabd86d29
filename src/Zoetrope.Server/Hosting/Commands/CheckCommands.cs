using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog.Loading;
using Zoetrope.Server.Catalog.Schema;
using Zoetrope.Server.Doors.Admin;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary><c>ledger audit</c> and <c>catalog check</c>, whose answer is also the exit code, and <c>catalog schema</c>.</summary>
internal static class CheckCommands
{
    public static Command Ledger() => new("ledger", "The ledger")
    {
        new Command("audit", "Check every law of the ledger on one snapshot, while the server runs").Answering(async (_, _) =>
        {
            await using var database = await OperatorDatabase.OpenAsync();
            var report = await database.Accounts.AuditAsync();
            return new Answer(
                JsonSerializer.SerializeToNode(AdminWire.Wire(report), AdminJson.Default.AdminAudit)!,
                console => console.Profile.Out.Writer.Write(report.ToText()))
            {
                Failure = report.Ok ? null : ("LEDGER_BROKEN", "The ledger breaks its laws. The lines above say where."),
            };
        }),
    };

    public static Command Catalog()
    {
        var output = new Option<FileInfo?>("--output", "-o") { Description = "The file to write; stdout by default" };
        var file = new Argument<string?>("file")
        {
            Description = "The operator's catalogue file; without one, the built-in catalogue is checked",
            Arity = ArgumentArity.ZeroOrOne,
        };
        return new Command("catalog", "Check the model catalogue, or write its schema")
        {
            new Command(
                "check", "Check a catalogue file as the server would, and list every error") { file }.Answering((parsed, _) =>
            {
                var check = CatalogCheck.Run(parsed.GetValue(file), ProvidersFeature.ForRoutes(ProvidersFeature.Vendors));
                var json = new JsonObject
                {
                    ["ok"] = check.Ok,
                    ["lines"] = new JsonArray([.. check.Lines.Select(line => JsonValue.Create(line))]),
                    ["errors"] = new JsonArray([.. check.Errors.Select(Show)]),
                };
                return Task.FromResult(new Answer(json, console => console.Profile.Out.Writer.WriteLine(string.Join('\n', check.Lines)))
                {
                    Failure = check.Ok
                        ? null
                        : ("CATALOG_INVALID", "The server would not start with this catalogue. The lines above list its errors."),
                });
            }),
            new Command(
                "schema", "Write the JSON Schema of a catalogue file, for editors") { output }.Answering((parsed, cancellationToken) =>
                Answer.DocumentAsync(CatalogSchema.Render(), parsed.GetValue(output), cancellationToken)),
        };
    }

    private static JsonObject Show(CatalogError error) => new()
    {
        ["model"] = error.Model,
        ["section"] = error.Section,
        ["place"] = error.Place,
        ["word"] = error.Word,
        ["message"] = error.Message,
        ["suggestion"] = error.Suggestion,
    };
}
