using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>Turns the JSON of one model into its explicit specification, or reports everything that is wrong with it.</summary>
internal static class ModelReader
{
    private const int MaxParameters = 64;

    public static ModelSpec? Read(
        string id, JsonObject json, HashSet<string> ignored, IReadOnlyCollection<string> providers, List<CatalogError> errors)
    {
        var before = errors.Count;
        var node = new NodeReader(json, $"models[{id}]", errors);
        node.Text("id");
        if (!id.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '.') || id.Length > 80)
        {
            node.Error("id", $"is \"{id}\"; allowed: at most 80 lower-case letters, digits, dots and hyphens");
        }

        var parameters = ReadParameters(node);
        var index = parameters.Select((parameter, place) => (parameter.Name, place)).ToFrozenDictionary(pair => pair.Name, pair => pair.place);
        parameters = WithConditions(node, parameters, index);
        var members = node.Object("parameters")?.Members() ?? [];
        var laidAside = members.Where(member => member.Value is null).Select(member => member.Key).ToHashSet();
        var prompt = ReadPrompt(node.Object("prompt", required: true));
        var limits = node.Object("totals");
        var priceNode = node.Object("price", required: true);
        var outputNode = node.Object("output", required: true);
        var mediaType = node.OneOf("mediaType", ["image", "video"], required: true) == "image" ? MediaType.Image : MediaType.Video;
        var mode = node.OneOf("mode", ModelSpec.Modes, required: true) ?? "";
        var price = priceNode is null ? null : PriceReader.Read(priceNode, parameters, index);
        var output = outputNode is null ? null : OutputReader.Read(outputNode, mediaType, parameters, index);
        var model = new ModelSpec
        {
            Id = id,
            Aliases = [.. node.Texts("aliases")],
            Name = node.Text("name", required: true) ?? "",
            Family = node.Text("family", required: true) ?? "",
            Vendor = node.Text("vendor", required: true) ?? "",
            MediaType = mediaType,
            Mode = mode,
            Description = node.Text("description", required: true) ?? "",
            Lifecycle = ReadLifecycle(node.Object("lifecycle")),
            Prompt = prompt,
            Parameters = parameters,
            ParameterIndex = index,
            Ignored = node.Texts("ignored").Concat(ignored).ToFrozenSet(),
            Rules = RuleReader.Read(node, parameters, index),
            TotalVideoSeconds = (int?)limits?.Integer("videoSeconds", 1, PriceRule.MaxSeconds),
            TotalAudioSeconds = (int?)limits?.Integer("audioSeconds", 1, PriceRule.MaxSeconds),
            Price = price!,
            PriceSource = node.OneOf("priceSource", ["vicsee", "zoetrope"], required: true) ?? "",
            Derivation = node.Text("derivation"),
            Output = output!,
            Routes = ReadRoutes(node, new RoutedModel(parameters, laidAside, prompt, providers), errors),
            DeadlineSeconds = (int)(node.Integer("deadlineSeconds", 10, 86_400, required: true) ?? 0),
            TypicalSeconds = (int)(node.Integer("typicalSeconds", 1, 86_400, required: true) ?? 0),
            Assumed = [.. node.Texts("assumed")],
        };
        limits?.Done();
        node.Done();
        if (model.PriceSource == "zoetrope" && model.Derivation is null)
        {
            node.Error("derivation", "is required when priceSource is zoetrope");
        }

        return errors.Count == before ? model : null;
    }

    private static ImmutableArray<ParameterSpec> ReadParameters(NodeReader node)
    {
        if (node.Object("parameters", required: true) is not { } members)
        {
            return [];
        }

        var parameters = ImmutableArray.CreateBuilder<ParameterSpec>();
        foreach (var (name, value) in members.Members())
        {
            // A null lays a shared parameter aside.
            if (value is not null && members.Object(name) is { } parameter)
            {
                parameters.Add(ParameterReader.Read(name, parameter));
            }
        }

        if (parameters.Count > MaxParameters)
        {
            node.Error("parameters", $"has {parameters.Count} members; allowed: at most {MaxParameters}");
        }

        return parameters.ToImmutable();
    }

    // A condition names another parameter, so it can only be read when all are known.
    private static ImmutableArray<ParameterSpec> WithConditions(
        NodeReader node, ImmutableArray<ParameterSpec> parameters, FrozenDictionary<string, int> index)
    {
        var members = node.Object("parameters");
        return
        [
            .. parameters.Select(parameter =>
            {
                var condition = members!.Object(parameter.Name)!.Object("requiredWhen");
                if (condition is null)
                {
                    return parameter;
                }

                var (name, value) = condition.Members().FirstOrDefault();
                var (place, ordinals) = RuleReader.Condition(condition, name ?? "", value, parameters, index);
                return ordinals.Length == 0
                    ? parameter
                    : parameter with { RequiredWhen = new RequiredWhen(name!, place, ordinals[0], parameters[place].TextAt(ordinals[0])) };
            }),
        ];
    }

    private static Lifecycle ReadLifecycle(NodeReader? node)
    {
        if (node is null)
        {
            return Lifecycle.Active;
        }

        var lifecycle = new Lifecycle
        {
            Status = node.OneOf("status", ["active", "deprecated", "retired"], required: true) switch
            {
                "deprecated" => LifecycleStatus.Deprecated,
                "retired" => LifecycleStatus.Retired,
                _ => LifecycleStatus.Active,
            },
            Announced = node.Date("announced"),
            Shutdown = node.Date("shutdown"),
            Replacement = node.Text("replacement"),
            Note = node.Text("note"),
        };
        node.Done();
        return lifecycle;
    }

    private static PromptSpec ReadPrompt(NodeReader? node)
    {
        if (node is null)
        {
            return new PromptSpec(true, 0, 0);
        }

        var prompt = new PromptSpec(
            node.Flag("required"),
            (int)(node.Integer("minLength", 0, 1000) ?? 1),
            (int)(node.Integer("maxLength", 1, 100_000, required: true) ?? 1));
        node.Done();
        return prompt;
    }

    private static ImmutableArray<RouteSpec> ReadRoutes(NodeReader node, RoutedModel model, List<CatalogError> errors)
    {
        var routes = ImmutableArray.CreateBuilder<RouteSpec>();
        foreach (var route in node.Objects("routes"))
        {
            // A null is kept: it says that the vendor has no such field.
            var fields = route.Object("params");
            var entry = new RouteEntry
            {
                Provider = route.Text("provider", required: true) ?? "",
                Model = route.Text("model", required: true) ?? "",
                Params = fields is null ? null
                    : [.. fields.Members().Select(member => KeyValuePair.Create(member.Key, member.Value is null ? null : fields.Text(member.Key)))],
                Transforms = Members(route.Object("transforms")),
                Accepts = Members(route.Object("accepts")),
                Implied = Members(route.Object("implied")),
                Fixed = Members(route.Object("fixed")),
                Extra = Members(route.Object("extra")),
                Note = route.Text("note"),
            };
            route.Done();
            if (entry.Provider.Length > 0)
            {
                routes.Add(RouteReader.Read(entry, model, route.Path, errors));
            }
        }

        return routes.ToImmutable();
    }

    private static IReadOnlyList<KeyValuePair<string, JsonElement>> Members(NodeReader? node) =>
    [
        .. (node?.Members() ?? [])
            .Where(member => member.Value is not null)
            .Select(member => KeyValuePair.Create(member.Key, Element(member.Value!))),
    ];

    private static JsonElement Element(JsonNode value) => JsonSerializer.SerializeToElement(value, CatalogJson.Default.JsonNode);
}
