using System.CommandLine;
using System.Text.Json.Nodes;
using Zoetrope.Server.Audit;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Loading;
using Zoetrope.Server.Catalog.Schema;
using Zoetrope.Server.Egress;
using Zoetrope.Server.Hosting.Commands.Drift;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary>
/// <c>catalog check</c> and <c>catalog drift</c>, whose answer is also the exit code, <c>catalog apply</c>, <c>catalog costs</c> and
/// <c>catalog schema</c>.
/// </summary>
internal static class CatalogCommands
{
    public static Command Create() =>
        new("catalog", "Check the model catalogue, put one into use, see its costs, compare it with the vendors, or write its schema")
        {
            Check(), Apply(), Costs(), Drift(), Schema(),
        };

    private static Command Check()
    {
        var file = File("The operator's catalogue file; without one, the built-in catalogue is checked");
        const string About = "Check a catalogue file as the server would: list every error, and the cost and margin of every route";
        return new Command("check", About) { file }.Answering((parsed, _) =>
        {
            var options = Options();
            var check = CatalogCheck.Run(parsed.GetValue(file), options, Today());
            var json = new JsonObject
            {
                ["ok"] = check.Ok,
                ["lines"] = new JsonArray([.. check.Lines.Select(line => JsonValue.Create(line))]),
                ["errors"] = new JsonArray([.. check.Errors.Select(Show)]),
                ["warnings"] = new JsonArray([.. (check.Costs?.Warnings ?? []).Select(line => JsonValue.Create(line))]),
                ["routes"] = CostTable.Json(check.Costs),
            };
            return Task.FromResult(new Answer(json, console =>
            {
                CostTable.Show(console, check.Costs, options);
                var warnings = (check.Costs?.Warnings ?? []).Select(line => $"warning: {line}");
                console.Profile.Out.Writer.WriteLine(string.Join('\n', warnings.Concat(check.Lines)));
            })
            {
                Failure = check switch
                {
                    { Ok: true } => null,
                    { Costs: not null } =>
                        ("PRICE_BELOW_COST", "The server would start with this catalogue, but sell at a loss. The lines above say what."),
                    _ => ("CATALOG_INVALID", "The server would not start with this catalogue. The lines above list its errors."),
                },
            });
        });
    }

    private static Command Apply()
    {
        var file = new Argument<FileInfo>("file") { Description = "The operator's catalogue file" };
        return new Command("apply", "Put a catalogue file into the database, for all nodes; it is checked before") { file }
            .Answering(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(file).FullName;
            var options = Options();
            if (options.File.Length > 0)
            {
                throw new StartException(
                    "CATALOG_IN_FILE",
                    $"{Settings.VariableName("Catalog:File")} is set, and a node with a file of its own does not use the database's. Unset "
                    + "it on every node first.",
                    StartException.BadSettings);
            }

            var check = CatalogCheck.Run(path, options, Today());
            if (!check.Ok)
            {
                throw new StartException(
                    check.Costs is null ? "CATALOG_INVALID" : "PRICE_BELOW_COST",
                    $"The catalogue was not applied. {string.Join("; ", check.Lines)}",
                    StartException.Refused);
            }

            var bytes = await System.IO.File.ReadAllBytesAsync(path, cancellationToken);
            await using var database = await OperatorDatabase.OpenAsync();
            var version = await database.WriteAsync(async tx =>
            {
                var now = TimeProvider.System.GetUtcNow();
                var added = await CatalogStore.AddAsync(tx, bytes, now);
                await AuditLog.AppendAsync(
                    tx, Actor.CommandLine, new AuditEntry(AuditEntry.OfServer, "catalog.applied", $"{added}"), now);
                return added;
            });
            return new Answer(new JsonObject { ["version"] = version }, console => PlainLines.WriteLine(
                console, $"Version {version} of the catalogue is in use. Every node has it within two seconds."));
        });
    }

    private static Command Costs()
    {
        var file = File("A catalogue file; without one, the catalogue that the server would use");
        return new Command("costs", "List price, vendor cost and margin of every route") { file }.Answering((parsed, _) =>
        {
            var options = Options();
            var path = parsed.GetValue(file) ?? (options.File.Length > 0 ? options.File : null);
            var check = CatalogCheck.Run(path, options, Today());
            if (check.Costs is not { } costs)
            {
                var where = path is null ? "" : $" {path}";
                throw new StartException(
                    "CATALOG_INVALID",
                    $"The server would not start with this catalogue. Run ./run catalog check{where} to see its errors.",
                    StartException.Refused);
            }

            var json = new JsonObject { ["creditValueMicros"] = options.CreditValueMicros, ["routes"] = CostTable.Json(costs) };
            return Task.FromResult(new Answer(json, console => CostTable.Show(console, costs, options)));
        });
    }

    private static Command Drift() =>
        new Command("drift", "Compare the routes of configured providers with what their vendors publish now, without a paid call")
        .Answering(async (_, cancellationToken) =>
        {
            await using var providers = OperatorProviders.Open(HostSettings.FromEnvironment());
            var ends = new OpenRouterEnds(
                providers.Get<CatalogOptions>(), providers.Get<EgressClient>(), providers.Get<ResultShelf>(), TimeProvider.System);
            return await new CatalogDrift(
                providers.Get<ProviderRegistry>(),
                providers.Get<CatalogHolder>().Current,
                ends,
                TimeProvider.System).RunAsync(cancellationToken);
        });

    private static Command Schema()
    {
        var output = new Option<FileInfo?>("--output", "-o") { Description = "The file to write; stdout by default" };
        return new Command(
            "schema", "Write the JSON Schema of a catalogue file, for editors") { output }.Answering((parsed, cancellationToken) =>
            Answer.DocumentAsync(CatalogSchema.Render(), parsed.GetValue(output), cancellationToken));
    }

    private static Argument<string?> File(string description) =>
        new("file") { Description = description, Arity = ArgumentArity.ZeroOrOne };

    private static CatalogOptions Options() => Settings.Load(HostSettings.FromEnvironment()).BindCatalog();

    private static DateOnly Today() => DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

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
