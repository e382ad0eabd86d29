using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Catalog.Schema;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>Turns the JSON of one model into its specification, or reports everything that is wrong with it.</summary>
internal static class ModelReader
{
    private const int MaxParameters = 64;

    /// <param name="source">The model with all layers merged. Nulls, and what is wrong with its shape, are taken out of it.</param>
    /// <param name="ignored">Fields that every model accepts and ignores.</param>
    /// <param name="providers">The names that a route can use.</param>
    /// <param name="place">Where it is.</param>
    public static ModelSpec? Read(SourceModel source, HashSet<string> ignored, IReadOnlyList<RouteProvider> providers, Place place)
    {
        var before = place.Errors.Count;
        var members = source.Json["parameters"] as JsonObject ?? [];
        var laidAside = members.Where(member => member.Value is null).Select(member => member.Key).ToHashSet();
        Settle(source.Json);
        if (!source.IsProven)
        {
            ShapeCheck.Check(source.Json, CatalogJson.Default.ModelEntry, place);
        }

        var entry = source.Json.Deserialize(CatalogJson.Default.ModelEntry)!;
        if (entry.Id.Length > 80 || !entry.Id.All(letter => letter is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '.'))
        {
            place.At("id").Refuse($"\"{entry.Id}\"", "at most 80 lower-case letters, digits, dots and hyphens");
        }

        var parameters = Parameters(entry, place.At("parameters"));
        var price = PriceReader.Read(entry.Price, parameters, place.At("price"));
        var output = entry.Output is null ? null : OutputReader.Read(entry.Output, entry.MediaType, parameters, place.At("output"));
        var rules = entry.Rules.Select((rule, index) => RuleReader.Read(rule, parameters, place.At("rules").At(index))).ToList();
        var routed = new RoutedModel(parameters.Items, laidAside, entry.Prompt, providers);
        var routes = entry.Routes
            .Select((route, index) => (Entry: route, Place: place.At("routes").At(index)))
            .Where(route => route.Entry.Provider.Length > 0)
            .Select(route => (route.Entry.Cost, route.Place, Spec: RouteReader.Read(route.Entry, routed, route.Place.Path, place.Errors)))
            .ToList();
        var costs = routes.ConvertAll(route => CostReader.Read(route.Cost, parameters, route.Spec, route.Place.At("cost")));
        if (entry.PriceSource == "zoetrope" && entry.Derivation is null)
        {
            place.At("derivation").Refuse("This field is required if priceSource is zoetrope.");
        }

        // A reader that gives nothing has said why.
        return place.Errors.Count > before ? null : new ModelSpec
        {
            Id = entry.Id,
            Aliases = [.. entry.Aliases],
            Name = entry.Name,
            Family = entry.Family,
            Vendor = entry.Vendor,
            MediaType = entry.MediaType,
            Mode = entry.Mode,
            Description = entry.Description,
            Lifecycle = entry.Lifecycle,
            Prompt = entry.Prompt,
            Parameters = parameters.Items,
            ParameterIndex = parameters.Index,
            Ignored = entry.Ignored.Concat(ignored).ToFrozenSet(),
            Rules = [.. rules.OfType<ModelRule>()],
            TotalVideoSeconds = entry.Totals.VideoSeconds,
            TotalAudioSeconds = entry.Totals.AudioSeconds,
            Price = price!,
            Tariff = entry.Price!,
            PriceSource = entry.PriceSource,
            Derivation = entry.Derivation,
            Output = output!,
            Routes = [.. routes.Select(route => route.Spec)],
            Costs = [.. costs],
            DeadlineSeconds = entry.DeadlineSeconds,
            TypicalSeconds = entry.TypicalSeconds,
            Assumed = [.. entry.Assumed],
        };
    }

    // A null has taken away what lay under it, and goes. Inside a route it can say that the vendor has no such field or value.
    private static void Settle(JsonObject node)
    {
        foreach (var (name, value) in node.ToArray())
        {
            if (value is null)
            {
                node.Remove(name);
            }
            else if (value is JsonObject inner)
            {
                Settle(inner);
            }
            else if (value is JsonArray items)
            {
                foreach (var item in items.OfType<JsonObject>())
                {
                    if (name == "routes")
                    {
                        SettleRoute(item);
                    }
                    else
                    {
                        Settle(item);
                    }
                }
            }
        }
    }

    private static void SettleRoute(JsonObject route)
    {
        RemoveNulls(route);
        foreach (var (name, section) in route)
        {
            if (name != "params" && section is JsonObject members)
            {
                RemoveNulls(members);
            }
        }
    }

    private static void RemoveNulls(JsonObject node)
    {
        foreach (var (name, _) in node.Where(member => member.Value is null).ToArray())
        {
            node.Remove(name);
        }
    }

    private static ParameterList Parameters(ModelEntry entry, Place place)
    {
        if (entry.Parameters.Count > MaxParameters)
        {
            place.Refuse($"There are {entry.Parameters.Count} parameters. Allowed: at most {MaxParameters}.");
        }

        var parameters = new ParameterList(
            [.. entry.Parameters.Select(parameter => ParameterReader.Read(parameter.Key, parameter.Value, place.At(parameter.Key)))]);

        // A condition names another parameter, so it can only be read when all are known.
        return entry.Parameters.Values.All(parameter => parameter.RequiredWhen is null)
            ? parameters
            : new ParameterList([.. parameters.Items.Select(spec => entry.Parameters[spec.Name].RequiredWhen is { } condition
                && parameters.Condition(condition, place.At(spec.Name).At("requiredWhen")) is var (other, ordinals)
                    ? spec with { RequiredWhen = When(parameters[other], other, ordinals[0]) }
                    : spec)]);

        static RequiredWhen When(ParameterSpec other, int place, int ordinal) => new(other.Name, place, ordinal, other.TextAt(ordinal));
    }
}
