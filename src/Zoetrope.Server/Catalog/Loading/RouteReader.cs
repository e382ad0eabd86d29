using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Catalog.Schema;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>
/// Turns a written route into its types, or reports everything that is wrong with it: a slip here would otherwise be found by
/// a paid request.
/// </summary>
internal sealed class RouteReader(RouteEntry entry, RoutedModel model, RouteFaults faults)
{
    private const string Say = "list in implied the values that apply without being sent";

    /// <returns>The route; of no use where a fault was reported.</returns>
    public static RouteSpec Read(RouteEntry entry, RoutedModel model, string place, List<CatalogError> errors) =>
        new RouteReader(entry, model, new RouteFaults(place, errors)).Read();

    private RouteSpec Read()
    {
        var provider = model.Providers.FirstOrDefault(provider => provider.Name == entry.Provider);
        if (provider is null)
        {
            var names = model.Providers.Select(known => known.Name);
            faults.Add("provider", null, entry.Provider, $"\"{entry.Provider}\" is not a known provider", names);
        }

        var fields = new RouteFieldReader(entry, model, faults).Read();
        ImmutableArray<RouteField> live = [.. fields.Where(field => field.Source is not RouteSource.Absent)];
        CheckPlaceholders(live);
        CheckDuplicates(live);
        var fieldFaults = faults.Count;
        var reach = new RouteReachReader(entry, model, faults).Read(live);
        var fixedFields = ReadFixed(live);
        var extra = ReadExtra(provider);
        if (entry.Params is not null && fieldFaults == 0)
        {
            CheckNothingIsForgotten(live, reach);
        }

        return new RouteSpec
        {
            Provider = entry.Provider,
            Model = entry.Model,
            Fields = fields,
            Reach = reach,
            Fixed = fixedFields,
            Extra = extra,
            Note = entry.Note,
        };
    }

    // Every placeholder of the model id needs its field, and every such field its placeholder.
    private void CheckPlaceholders(ImmutableArray<RouteField> fields)
    {
        var parts = fields.Where(field => field.Target is RouteTarget.ModelPart).Select(field => field.Ours).ToList();
        foreach (var ours in parts.Where(ours => !entry.Model.Contains($"{{{ours}}}", StringComparison.Ordinal)))
        {
            var what = $"\"{RouteTargetReader.ModelPart}\" needs the placeholder {{{ours}}} in the route's model \"{entry.Model}\"";
            faults.Add("params", ours, RouteTargetReader.ModelPart, what);
        }

        for (var open = entry.Model.IndexOf('{', StringComparison.Ordinal); open >= 0; open = entry.Model.IndexOf('{', open + 1))
        {
            var close = entry.Model.IndexOf('}', open);
            var name = close < 0 ? entry.Model[(open + 1)..] : entry.Model[(open + 1)..close];
            if (close < 0 || !parts.Contains(name))
            {
                var what = $"the placeholder {{{name}}} needs a parameter in params whose field is \"{RouteTargetReader.ModelPart}\"";
                faults.Add("model", null, name, what, parts);
            }
        }
    }

    private void CheckDuplicates(ImmutableArray<RouteField> fields)
    {
        var seen = new List<(string Ours, FieldPath Path)>();
        foreach (var field in fields)
        {
            foreach (var path in field.Paths)
            {
                if (seen.FirstOrDefault(other => other.Path.Collides(path)) is { Path: { } taken, Ours: var owner })
                {
                    faults.Add("params", field.Ours, path.Text, $"\"{path}\" overwrites \"{taken}\", which {owner} is sent as");
                }
            }

            seen.AddRange(field.Paths.Select(path => (field.Ours, path)));
        }
    }

    private ImmutableArray<FixedField> ReadFixed(ImmutableArray<RouteField> fields)
    {
        var read = ImmutableArray.CreateBuilder<FixedField>();
        foreach (var (text, value) in entry.Fixed)
        {
            if (FieldPath.Parse(text, out var fault) is not { } path)
            {
                faults.Add("fixed", text, text, $"\"{text}\" is not a field path: {fault}");
            }
            else if (path.IsNumbered)
            {
                faults.Add("fixed", text, text, $"\"{text}\" contains a file's number, but a fixed value belongs to no file");
            }
            else if (fields.FirstOrDefault(field => field.Paths.Any(path.Collides)) is { } taken)
            {
                var what = $"\"{text}\" overwrites {taken.Ours}, which params sends as \"{string.Join('+', taken.Paths)}\"";
                faults.Add("fixed", text, text, what);
            }
            else if (read.FirstOrDefault(other => other.Path.Collides(path)) is { } twice)
            {
                faults.Add("fixed", text, text, $"\"{text}\" overwrites \"{twice.Path}\", which is fixed too");
            }
            else
            {
                read.Add(new FixedField(path, value));
            }
        }

        return read.ToImmutable();
    }

    // An adapter reads only the details that it knows: a misspelt one would be ignored, a missing one found by the first paid request.
    private FrozenDictionary<string, string> ReadExtra(RouteProvider? provider)
    {
        var read = new Dictionary<string, string>();
        foreach (var (name, value) in entry.Extra)
        {
            if (provider is not null && !provider.Extras.Any(extra => extra.Name == name))
            {
                var what = $"\"{name}\" is not a detail that {provider.Name} reads";
                faults.Add("extra", name, name, what, provider.Extras.Select(extra => extra.Name));
            }
            else if (value.ValueKind is not JsonValueKind.String || value.GetString() is not { Length: > 0 } text)
            {
                var word = RouteFaults.WordOf(value);
                faults.Add("extra", name, word, $"\"{word}\" is not a text that {name} can have; write a text that is not empty");
            }
            else
            {
                read.Add(name, text);
            }
        }

        foreach (var missing in provider?.Extras.Where(extra => extra.Required && !entry.Extra.ContainsKey(extra.Name)) ?? [])
        {
            faults.Add("extra", null, missing.Name, $"{missing.Name} is missing; {provider!.Name} needs it in every route", [missing.Name]);
        }

        return read.ToFrozenDictionary();
    }

    // A parameter that no one speaks of would make requests ineligible that the vendor could serve; one that every request carries
    // and the route cannot do closes the route for good.
    private void CheckNothingIsForgotten(ImmutableArray<RouteField> fields, FrozenDictionary<string, RouteReach> reach)
    {
        if (model.Prompt.Required && !fields.Any(field => field.Source is RouteSource.Prompt && field.Target is RouteTarget.Field))
        {
            faults.Add("params", null, RouteReach.Prompt, "the model requires the prompt, but no field sends it");
        }

        var named = fields.SelectMany(RouteFieldReader.NamesOf).ToHashSet();
        foreach (var parameter in model.Parameters)
        {
            var can = reach.GetValueOrDefault(parameter.Name, RouteReach.None);
            if (can.Implied is null && !named.Contains(parameter.Name))
            {
                var what = $"{parameter.Name} is missing; name the vendor's field, or null if it has none, or {Say}";
                faults.Add("params", null, parameter.Name, what);
            }
            else if (!can.IsSent && can is { Implied: null, Accepts: null } && (parameter.Required || parameter.Default.IsSet))
            {
                var why = parameter.Required ? "the model requires it" : $"every request has {Shown(parameter)} unless it says otherwise";
                var what = $"{parameter.Name} has no field and {why}, so this route could serve no request; {Say}";
                faults.Add("params", parameter.Name, parameter.Name, what);
            }
        }
    }

    private static string Shown(ParameterSpec parameter) => parameter.Default.ToText(parameter.Type);
}
