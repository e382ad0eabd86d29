using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Cli.Media;
using Zoetrope.Client;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server;
using Zoetrope.Tables;

namespace Zoetrope.Cli.Commands;

/// <summary><c>models</c>: what can be made, with which parameters and at what price.</summary>
internal static class ModelsCommand
{
    public static Command Create(Interruption interruption)
    {
        var name = new Argument<string?>("model")
        {
            Description = "A model's id, to see its parameters, or any text to search for",
            Arity = ArgumentArity.ZeroOrOne,
        };
        name.CompletionSources.Add(ModelNames.Complete);
        var type = new Option<string?>("--type", "-t") { Description = "Show only image or video models" };
        type.AcceptOnlyFromAmong("image", "video");
        var provider = new Option<string?>("--provider", "-p") { Description = "Show only models of this vendor", HelpName = "vendor" };
        var all = new Option<bool>("--all") { Description = "Include models that are not available" };
        var parameters = new Parameters();
        var command = new Command("models", "List models; for one model, show its parameters, and with --set the price of a request")
        {
            name, type, provider, all,
        };
        parameters.AddTo(command);
        return command.Doing(interruption, async invocation =>
        {
            var catalog = await CatalogAsync(invocation, invocation.Value(type));
            if (invocation.Value(name) is { } wanted && CatalogSearch.Find(catalog, wanted) is { } model)
            {
                await ShowAsync(invocation, model, parameters);
                return;
            }

            List<ModelListing> found = [.. catalog.Where(each =>
                (each.Available || invocation.Value(all))
                && Matches(each, invocation.Value(provider), each => [each.Vendor])
                && Matches(each, invocation.Value(name), TextsOf))];
            if (found.Count == 0 && invocation.Value(name) is { } other)
            {
                // However it is written: the server knows what is meant, or what comes near it.
                await ShowAsync(invocation, await NamedAsync(invocation, other), parameters);
                return;
            }

            if (found.Count == 0)
            {
                throw new CliException("NO_MODEL", "No model matches.", ExitCode.Refused, "zoetrope models --all lists all models");
            }

            invocation.Terminal.Answer(
                JsonSerializer.SerializeToNode(found, CliJson.Default.IReadOnlyListModelListing)!,
                console => console.Write(TableOf(found)));
        });
    }

    // The catalogue is open to everyone: a look at it needs no login.
    private static async Task<IReadOnlyList<ModelListing>> CatalogAsync(Invocation invocation, string? type)
    {
        using var client = invocation.Open(invocation.Connection.BaseUrl, invocation.Connection.ApiKey ?? "sk-test-none");
        return await client.ModelsAsync(type, invocation.CancellationToken);
    }

    private static async Task<ModelListing> NamedAsync(Invocation invocation, string name)
    {
        using var client = invocation.Open(invocation.Connection.BaseUrl, invocation.Connection.ApiKey ?? "sk-test-none");
        try
        {
            return await client.ModelAsync(name, inputs: null, invocation.CancellationToken);
        }
        catch (ZoetropeRefusedException refusal) when (refusal.Status == 404)
        {
            throw new CliException("NO_MODEL", refusal.Error.Message, ExitCode.Refused, "zoetrope models --all lists all models");
        }
    }

    private static bool Matches(ModelListing model, string? text, Func<ModelListing, IEnumerable<string>> texts) =>
        text is null
            || text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .All(word => texts(model).Any(each => each.Contains(word, StringComparison.OrdinalIgnoreCase)));

    private static IEnumerable<string> TextsOf(ModelListing model) =>
        [model.Id, model.Name, model.Vendor, model.Mode, model.Description, .. model.Aliases];

    private static ListTable TableOf(IEnumerable<ModelListing> models)
    {
        var table = Terminal.NewTable("MODEL", "TYPE", "VENDOR", "CREDITS", "TAKES", "").Cutting("VENDOR").Wrapping("");
        foreach (var model in models)
        {
            table.AddRow(
                Terminal.Cell(model.Id),
                Terminal.Cell(model.MediaType),
                Terminal.Cell(model.Vendor),
                Terminal.Cell(Price(model)),
                $"~{Words.Duration(TimeSpan.FromSeconds(model.TypicalSeconds))}",
                Terminal.Cell(State(model)));
        }

        return table;
    }

    private static string Price(ModelListing model)
    {
        var (from, example) = (Number(model.Credits, "from"), Number(model.Credits, "example"));
        return example is null || example == from ? $"from {from}" : $"{example}, from {from}";
    }

    private static string? Number(JsonElement rule, string name) =>
        rule.TryGetProperty(name, out var value) && value.TryGetInt64(out var number)
            ? number.ToString(CultureInfo.InvariantCulture)
            : null;

    private static string State(ModelListing model) => model switch
    {
        { Available: false } => "not available",
        { Lifecycle: { Status: not "active" } lifecycle } => lifecycle.Status
            + (lifecycle.Shutdown is null ? "" : $", ends {lifecycle.Shutdown}")
            + (lifecycle.Replacement is null ? "" : $", use {lifecycle.Replacement}"),
        _ => "",
    };

    private static async Task ShowAsync(Invocation invocation, ModelListing model, Parameters parameters)
    {
        var request = await parameters.ReadAsync(invocation, model.Id, model, prompt: null);
        var priced = request.Input is { Count: > 0 } ? await PriceAsync(invocation, model, request) : null;
        var wire = JsonSerializer.SerializeToNode(model, CliJson.Default.ModelListing)!.AsObject();
        wire["estimate"] = priced is null ? null : JsonSerializer.SerializeToNode(priced, CliJson.Default.Estimate);
        invocation.Terminal.Answer(wire, console =>
        {
            console.MarkupLine(
                $"[bold]{Terminal.Cell(model.Id)}[/]  {Terminal.Cell(model.Name)} by {Terminal.Cell(model.Vendor)}, "
                + Terminal.Cell(model.Mode)
                + (State(model) is { Length: > 0 } state ? $"  [yellow]{Terminal.Cell(state)}[/]" : ""));
            console.MarkupLine(Terminal.Cell(model.Description));
            console.WriteLine();
            console.Write(ParametersOf(model));
            console.MarkupLine("[grey]* required[/]");
            console.WriteLine();
            if (priced is not null)
            {
                var given = request.Input!.Select(pair => Terminal.Cell($"{pair.Key}={ShortText.Of(pair.Value.ToString(), 40)}"));
                console.MarkupLine($"[bold]{Terminal.Cell(Words.Credits(priced.Credits))}[/] for {string.Join(", ", given)}");
                return;
            }

            console.MarkupLine(
                $"{Terminal.Cell(Price(model))} credits; [grey]zoetrope models {Terminal.Cell(model.Id)} --set key=value[/] "
                + "prices a request");
        });
    }

    // A price depends on no word of the prompt, but models that need one refuse a request without.
    private static Task<Estimate> PriceAsync(Invocation invocation, ModelListing model, GenerateRequest request) =>
        invocation.Client.EstimateAsync(
        model.Parameters.GetValueOrDefault("prompt") is { Required: true }
            ? request with { Prompt = "A red fox runs through snow" }
            : request,
        invocation.CancellationToken);

    private static Table ParametersOf(ModelListing model)
    {
        var table = new Table { Border = TableBorder.None };
        foreach (var (name, isLong) in new[] { ("PARAMETER", false), ("TYPE", false), ("DEFAULT", false), ("VALUES", true), ("", true) })
        {
            table.AddColumn(new TableColumn($"[bold]{name}[/]") { NoWrap = !isLong });
        }

        foreach (var (name, parameter) in model.Parameters)
        {
            table.AddRow(
                parameter.Required ? $"[bold]{Terminal.Cell(name)}[/]*" : Terminal.Cell(name),
                Terminal.Cell(parameter.Type),
                Terminal.Cell(
                    parameter.Default is { ValueKind: JsonValueKind.True or JsonValueKind.False } flag
                        ? flag.GetRawText()
                        : parameter.Default?.ToString()),
                Terminal.Cell(Values(parameter)),
                Terminal.Cell(About(model, name, parameter)));
        }

        return table;
    }

    private static string Values(ModelParameter parameter) => parameter switch
    {
        { Enum: { Count: > 0 } values } => string.Join(", ", values),
        { Minimum: { } low, Maximum: { } high } => string.Create(CultureInfo.InvariantCulture, $"{low} – {high}"),
        { Type: "array", MaxItems: { } most } => $"up to {Words.Count(most, "item")}",
        { Type: "string", MaxLength: { } length } => $"up to {Words.Count(length, "character")}",
        { Type: "boolean" } => "true, false",
        _ => "",
    };

    private static string About(ModelListing model, string name, ModelParameter parameter)
    {
        var file = model.Limits?.Files.GetValueOrDefault(name);
        string[] parts =
        [
            parameter.Description ?? "",
            file is null ? "" : $"{string.Join(", ", file.ContentTypes.Select(Subtype))} up to {Words.Size(file.MaxBytes)}",
            parameter.RequiredWhen is null ? "" : $"required if {parameter.RequiredWhen}",
        ];
        return string.Join("; ", parts.Where(part => part.Length > 0).Select(part => part.TrimEnd('.')));
    }

    private static string Subtype(string contentType) => contentType[(contentType.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
