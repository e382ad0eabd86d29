using System.Collections.Immutable;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Schema;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>Reads a condition over several parameters.</summary>
internal static class RuleReader
{
    public static ModelRule? Read(RuleEntry entry, ParameterList parameters, Place place)
    {
        bool[] kinds = [entry.AnyOf is not null, (entry.Sum ?? entry.Total) is not null, (entry.When ?? entry.Then) is not null];
        if (kinds.Count(kind => kind) != 1)
        {
            place.Refuse("A rule is exactly one of three. Write anyOf; or when and then; or sum and equals.");
            return null;
        }

        return entry switch
        {
            { AnyOf: { } names } => AnyOf(names, entry.Message, parameters, place.At("anyOf")),
            { Sum: { } sum, Total: { } total } => ItemSum(sum, total, entry.Message, parameters, place),
            { When: { } when, Then: { } then } =>
                (parameters.Condition(when, place.At("when")), parameters.Condition(then, place.At("then"))) is ({ } one, { } other)
                    ? new ModelRule.WhenThen(one.Parameter, one.Ordinals, other.Parameter, other.Ordinals, entry.Message)
                    : null,
            _ => Incomplete(place),
        };
    }

    private static ModelRule.AnyOf? AnyOf(IReadOnlyList<string> names, string message, ParameterList parameters, Place place)
    {
        if (names.Count == 0)
        {
            place.Refuse("[]", "the names of one or more parameters");
        }

        var places = names.Select((name, index) => parameters.Find(name, place.At(index))).OfType<int>().ToImmutableArray();
        return places.Length == names.Count ? new ModelRule.AnyOf(places, message) : null;
    }

    // "multi_prompt.duration": the field of the items of an array.
    private static ModelRule.ItemSum? ItemSum(string sum, string total, string message, ParameterList parameters, Place place)
    {
        var parts = sum.Split('.');
        var field = parts.Length == 2 ? parts[1] : "";
        var items = parameters.Find(parts[0], place.At("sum"));
        var equal = parameters.Find(total, place.At("equals"));
        if (items is { } array && !parameters[array].Fields.Any(known => known.Name == field && known.Type == ParameterType.Integer))
        {
            place.At("sum").Refuse($"\"{sum}\"", "an object[] parameter, a dot and one of its integer fields");
        }

        if (equal is { } integer && parameters[integer].Type != ParameterType.Integer)
        {
            place.At("equals").Refuse($"{total} is not an integer parameter.");
        }

        return items is null || equal is null ? null : new ModelRule.ItemSum(items.Value, field, equal.Value, message);
    }

    private static ModelRule? Incomplete(Place place)
    {
        place.Refuse("Half of the rule is missing. Write when and then, or sum and equals.");
        return null;
    }
}
