using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Loading;
using Zoetrope.Server.Catalog.Schema;
using Zoetrope.Server.Doors.Admin;
using Zoetrope.Server.Egress;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary>
/// <c>ledger audit</c>, <c>catalog check</c> and <c>catalog drift</c>, whose answer is also the exit code, and <c>catalog schema</c>.
/// </summary>
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
        return new Command("catalog", "Check the model catalogue, compare it with the vendors, or write its schema")
        {
            new Command(
                "check", "Check a catalogue file as the server would, and list every error") { file }.Answering((parsed, _) =>
            {
                var check = CatalogCheck.Run(
                    parsed.GetValue(file),
                    ProvidersFeature.ForRoutes(ProvidersFeature.Vendors),
                    DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime));
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
            new Command(
                "drift",
                "Compare the routes of configured providers with what their vendors publish now; costs nothing").Answering(DriftAsync),
        };
    }

    private static async Task<Answer> DriftAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var providers = OperatorProviders.Open(HostSettings.FromEnvironment());
        var ends = new OpenRouterEnds(
            providers.Get<CatalogOptions>(), providers.Get<EgressClient>(), providers.Get<ResultShelf>(), TimeProvider.System);
        return await new CatalogDrift(
            providers.Get<ProviderRegistry>(), providers.Get<CatalogHolder>().Current, ends, TimeProvider.System).RunAsync(cancellationToken);
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
