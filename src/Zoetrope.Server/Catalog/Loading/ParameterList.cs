using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>The parameters of a model that is being read: prices, sizes and rules name them.</summary>
internal sealed class ParameterList(ImmutableArray<ParameterSpec> items)
{
    public ImmutableArray<ParameterSpec> Items => items;

    public FrozenDictionary<string, int> Index { get; } =
        items.Select((parameter, place) => KeyValuePair.Create(parameter.Name, place)).ToFrozenDictionary();

    public ParameterSpec this[int place] => items[place];

    /// <summary>The place of a parameter; null, and an error, where there is none.</summary>
    public int? Find(string name, Place place)
    {
        if (Index.TryGetValue(name, out var found))
        {
            return found;
        }

        place.RefuseName("parameter", name, Index.Keys);
        return null;
    }

    /// <summary>Reads <c>"resolution": ["1080p"]</c> or <c>"multi_shots": true</c>: the parameter and the places of its values.</summary>
    /// <returns>Null where there is an error.</returns>
    public (int Parameter, ImmutableArray<int> Ordinals)? Condition(OrderedDictionary<string, JsonElement> written, Place place)
    {
        if (written.Count != 1)
        {
            place.Refuse("Name exactly one parameter here.");
            return null;
        }

        var (name, value) = written.GetAt(0);
        place = place.At(name);
        if (Find(name, place) is not { } found)
        {
            return null;
        }

        var parameter = items[found];
        if (parameter.Cardinality is not { } count)
        {
            place.Refuse("Only a parameter with a closed list of values can be a condition.");
            return null;
        }

        var before = place.Errors.Count;
        var ordinals = ImmutableArray.CreateBuilder<int>();
        foreach (var item in value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : new[] { value })
        {
            var text = item.ValueKind == JsonValueKind.String ? item.GetString() : item.GetRawText();
            var ordinal = Enumerable.Range(0, count)
                .FirstOrDefault(i => string.Equals(parameter.TextAt(i), text, StringComparison.OrdinalIgnoreCase), -1);
            if (ordinal < 0)
            {
                place.Refuse(Given.Of(item), parameter.Allowed());
            }

            ordinals.Add(ordinal);
        }

        if (ordinals.Count == 0)
        {
            place.Refuse("[]", parameter.Allowed());
        }

        return place.Errors.Count == before ? (found, ordinals.ToImmutable()) : null;
    }
}
