using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes.Transforms;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>Reads the maps of <c>transforms</c>.</summary>
internal sealed class RouteMapReader(RouteFaults faults)
{
    private const string Section = "transforms";

    /// <summary>A map of one parameter's values.</summary>
    public ValueMap Read(string ours, JsonElement written, ParameterSpec parameter)
    {
        var known = ValuesOf(ours, parameter);
        var map = new Dictionary<string, JsonNode?>();
        foreach (var (value, mapped) in Known(ours, written, known))
        {
            map[value] = Transform.Node(mapped);
        }

        // A text that the map leaves out passes as it is. Of a flag the other half would pass as true or false: an oversight.
        if (parameter.Type is ParameterType.Boolean && known is not null)
        {
            Missing(ours, known, map.ContainsKey, ours);
        }

        return new ValueMap(map.ToFrozenDictionary());
    }

    /// <summary>A map of the pairs of two parameters' values.</summary>
    public PairMap ReadPairs(string ours, JsonElement written, ParameterSpec first, ParameterSpec second)
    {
        var (firsts, seconds) = (ValuesOf(ours, first), ValuesOf(ours, second));
        var map = new Dictionary<(string, string), JsonNode?>();
        foreach (var (one, row) in Known(ours, written, firsts))
        {
            if (row.ValueKind is not JsonValueKind.Object)
            {
                faults.Add(Section, ours, one, $"\"{one}\" must be a map of the values of {second.Name}");
                continue;
            }

            foreach (var (other, value) in Known(ours, row, seconds))
            {
                map[(one, other)] = Transform.Node(value);
            }

            Missing(ours, seconds ?? [], other => map.ContainsKey((one, other)), $"{second.Name} with {first.Name} {one}");
        }

        Missing(ours, firsts ?? [], one => written.TryGetProperty(one, out _), first.Name);
        return new PairMap(map.ToFrozenDictionary());
    }

    private IReadOnlyList<string>? ValuesOf(string ours, ParameterSpec parameter)
    {
        if (parameter.Cardinality is { } count and >= 0)
        {
            return [.. Enumerable.Range(0, count).Select(parameter.TextAt)];
        }

        faults.Add(Section, ours, parameter.Name, $"{parameter.Name} has no list of values that a map could name");
        return null;
    }

    // The members of a map whose names are values of the model; the others are reported.
    private IEnumerable<(string Value, JsonElement Mapped)> Known(string ours, JsonElement map, IReadOnlyList<string>? known)
    {
        foreach (var member in map.EnumerateObject())
        {
            if (known?.Contains(member.Name) == true)
            {
                yield return (member.Name, member.Value);
            }
            else if (known is not null)
            {
                faults.Add(Section, ours, member.Name, $"\"{member.Name}\" is not a value of {ours} in this model", known);
            }
        }
    }

    private void Missing(string ours, IEnumerable<string> known, Func<string, bool> isMapped, string of)
    {
        if (known.Where(value => !isMapped(value)).ToList() is { Count: > 0 } missing)
        {
            faults.Add(Section, ours, missing[0], $"the map has no entry for {string.Join(", ", missing)} of {of}");
        }
    }
}
