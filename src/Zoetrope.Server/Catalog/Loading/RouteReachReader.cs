using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Catalog.Schema;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>Reads <c>accepts</c> and <c>implied</c>, and sums up what the route can do with each parameter.</summary>
internal sealed class RouteReachReader(RouteEntry entry, RoutedModel model, RouteFaults faults)
{
    private const string Accepts = "accepts";
    private const string Implied = "implied";

    public FrozenDictionary<string, RouteReach> Read(ImmutableArray<RouteField> fields)
    {
        var accepts = entry.Accepts.ToDictionary(member => member.Key, member => ReadAcceptance(member.Key, member.Value));
        var implied = entry.Implied.ToDictionary(member => member.Key, member => ReadImplied(member.Key, member.Value));
        var sent = fields.Where(field => field.Target is not RouteTarget.Nowhere).ToList();
        string[] names = [.. model.Parameters.Select(parameter => parameter.Name), RouteReach.Prompt, RouteReach.AllFiles];
        return names.Distinct().ToFrozenDictionary(name => name, name =>
        {
            var own = sent.Where(field => RouteFieldReader.NamesOf(field).Contains(name)).ToList();
            var isOpen = own.Any(field => field.Source is RouteSource.Files or RouteSource.OtherFiles);
            return new RouteReach(
                own.Count > 0,
                isOpen ? int.MaxValue : own.Count(field => field.Source is RouteSource.FileAt),
                accepts.GetValueOrDefault(name),
                implied.GetValueOrDefault(name));
        });
    }

    private Acceptance? ReadAcceptance(string name, JsonElement written)
    {
        var parameter = model.Find(name);
        if (parameter is null && name is not (RouteReach.Prompt or RouteReach.AllFiles))
        {
            if (!model.LaidAside.Contains(name))
            {
                faults.UnknownParameter(Accepts, name, name, model, RouteReach.Prompt, RouteReach.AllFiles);
            }

            return null;
        }

        var isCounted = parameter is null or { Input: not null };
        var isNumber = parameter is { Input: null, Type: ParameterType.Integer or ParameterType.Number };
        switch (written.ValueKind)
        {
            case JsonValueKind.Array when !isCounted && written.GetArrayLength() > 0:
                return ReadValues(Accepts, name, parameter!, written) is { } set ? new Acceptance.Values(set) : null;
            case JsonValueKind.Object when isCounted || isNumber:
                return ReadRange(name, parameter, written);
            default:
                var allowed = isCounted ? "an object with max and min"
                    : isNumber ? "an array of values, or an object with min and max"
                    : "an array of values";
                var what = $"{written.GetRawText()} is not a valid limit for {name}; write {allowed}";
                faults.Add(Accepts, name, RouteFaults.WordOf(written), what);
                return null;
        }
    }

    private Acceptance.Range? ReadRange(string name, ParameterSpec? parameter, JsonElement written)
    {
        var before = faults.Count;
        foreach (var limit in written.EnumerateObject())
        {
            if (limit.Name is not ("min" or "max"))
            {
                faults.Add(Accepts, name, limit.Name, $"\"{limit.Name}\" is not a limit", ["min", "max"]);
            }
            else if (limit.Value.ValueKind is not JsonValueKind.Number)
            {
                faults.Add(Accepts, name, RouteFaults.WordOf(limit.Value), $"{limit.Name} is {limit.Value.GetRawText()}, not a number");
            }
        }

        if (faults.Count > before)
        {
            return null;
        }

        var range = new Acceptance.Range(Limit(written, "min"), Limit(written, "max"));
        if (range is { Min: null, Max: null } || range.Min > range.Max)
        {
            var what = $"{written.GetRawText()} limits nothing, or leaves nothing; write min, max or both, the smaller one as min";
            faults.Add(Accepts, name, RouteFaults.WordOf(written), what);
        }
        else if (parameter is { Input: null } && (range.Min > parameter.Max || range.Max < parameter.Min))
        {
            var what = $"{written.GetRawText()} is outside the model's own range; {name} is {parameter.Allowed()}";
            faults.Add(Accepts, name, RouteFaults.WordOf(written), what);
        }

        return range;
    }

    private ValueSet? ReadImplied(string name, JsonElement written)
    {
        if (model.Find(name) is not { } parameter)
        {
            if (!model.LaidAside.Contains(name))
            {
                faults.UnknownParameter(Implied, name, name, model);
            }

            return null;
        }

        var isScalar = parameter is { Input: null, Type: not (ParameterType.StringArray or ParameterType.ObjectArray) };
        var isEmpty = written.ValueKind is JsonValueKind.Array && written.GetArrayLength() == 0;
        if (!isScalar || isEmpty || written.ValueKind is JsonValueKind.Object)
        {
            var allowed = isScalar
                ? "write a value or an array of values"
                : "only a parameter that is neither files nor a list has implied values";
            faults.Add(Implied, name, RouteFaults.WordOf(written), $"{written.GetRawText()} cannot be implied for {name}; {allowed}");
            return null;
        }

        return ReadValues(Implied, name, parameter, written);
    }

    private ValueSet? ReadValues(string section, string name, ParameterSpec parameter, JsonElement written)
    {
        var before = faults.Count;
        var values = written.ValueKind is JsonValueKind.Array ? [.. written.EnumerateArray()] : new[] { written };
        foreach (var value in values.Where(value => !Has(parameter, value)))
        {
            var listed = !parameter.Values.IsEmpty || !parameter.Integers.IsEmpty || parameter.Type is ParameterType.Boolean;
            faults.Add(
                section,
                name,
                RouteFaults.WordOf(value),
                $"{value.GetRawText()} is not a value of {name} in this model{(listed ? "" : $"; allowed is {parameter.Allowed()}")}",
                listed ? parameter.Allowed().Split(", ") : null);
        }

        return faults.Count == before ? new ValueSet(values, written.GetRawText()) : null;
    }

    private static bool Has(ParameterSpec parameter, JsonElement value) => parameter.Type switch
    {
        ParameterType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        ParameterType.String => value.ValueKind is JsonValueKind.String
            && (parameter.Values.IsEmpty || parameter.Values.Contains(value.GetString()!)),
        ParameterType.Integer => value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number)
            && (parameter.Integers.IsEmpty ? IsInRange(parameter, number) : parameter.Integers.Contains(number)),
        ParameterType.Number => value.ValueKind is JsonValueKind.Number && IsInRange(parameter, value.GetDouble()),
        _ => false,
    };

    private static bool IsInRange(ParameterSpec parameter, double value) => !(value < parameter.Min) && !(value > parameter.Max);

    private static double? Limit(JsonElement limits, string name) => limits.TryGetProperty(name, out var value) ? value.GetDouble() : null;
}
