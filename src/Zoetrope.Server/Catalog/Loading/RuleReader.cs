using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>Reads conditions over several parameters.</summary>
internal static class RuleReader
{
    public static ImmutableArray<ModelRule> Read(
        NodeReader node, ImmutableArray<ParameterSpec> parameters, FrozenDictionary<string, int> index)
    {
        var rules = ImmutableArray.CreateBuilder<ModelRule>();
        foreach (var rule in node.Objects("rules"))
        {
            var message = rule.Text("message", required: true) ?? "";
            if (rule.Has("anyOf"))
            {
                rules.Add(new ModelRule.AnyOf([.. rule.Texts("anyOf").Select(name => Place(rule, "anyOf", name, index)).Where(place => place >= 0)], message));
            }
            else if (rule.Text("sum") is { } sum)
            {
                rules.Add(Sum(rule, sum, message, parameters, index));
            }
            else if (rule.Object("when", required: true) is { } when && rule.Object("then", required: true) is { } then)
            {
                var (whenName, whenValue) = when.Members().FirstOrDefault();
                var (thenName, thenValue) = then.Members().FirstOrDefault();
                var (whenPlace, whenOrdinals) = Condition(when, whenName ?? "", whenValue, parameters, index);
                var (thenPlace, thenOrdinals) = Condition(then, thenName ?? "", thenValue, parameters, index);
                rules.Add(new ModelRule.WhenThen(whenPlace, whenOrdinals, thenPlace, thenOrdinals, message));
            }

            rule.Done();
        }

        return rules.ToImmutable();
    }

    /// <summary>Reads <c>"resolution": ["1080p", "4k"]</c> or <c>"multi_shots": true</c> as places of values.</summary>
    public static (int Place, ImmutableArray<int> Ordinals) Condition(
        NodeReader node, string name, JsonNode? value, ImmutableArray<ParameterSpec> parameters, FrozenDictionary<string, int> index)
    {
        var place = Place(node, name, name, index);
        if (place < 0)
        {
            return (-1, []);
        }

        var parameter = parameters[place];
        if (parameter.Cardinality is not { } count)
        {
            node.Error(name, "only a parameter with a closed list of values can be a condition");
            return (place, []);
        }

        var ordinals = ImmutableArray.CreateBuilder<int>();
        foreach (var item in value is JsonArray many ? [.. many] : new[] { value })
        {
            var text = item?.ToString() ?? "";
            var ordinal = Enumerable.Range(0, count).FirstOrDefault(i => string.Equals(parameter.TextAt(i), text, StringComparison.OrdinalIgnoreCase), -1);
            if (ordinal < 0)
            {
                node.Error(name, $"is {NodeReader.Shown(item)}; allowed: {parameter.Allowed()}");
            }
            else
            {
                ordinals.Add(ordinal);
            }
        }

        return (place, ordinals.ToImmutable());
    }

    // "multi_prompt.duration": the field of the items of an array.
    private static ModelRule.ItemSum Sum(
        NodeReader rule, string sum, string message, ImmutableArray<ParameterSpec> parameters, FrozenDictionary<string, int> index)
    {
        var parts = sum.Split('.');
        var items = Place(rule, "sum", parts[0], index);
        var total = Place(rule, "equals", rule.Text("equals", required: true) ?? "", index);
        var field = parts.Length == 2 ? parts[1] : "";
        if (items >= 0 && parameters[items].Fields.All(known => known.Name != field || known.Type != ParameterType.Integer))
        {
            rule.Error("sum", $"is \"{sum}\"; allowed: an object[] parameter, a dot and one of its integer fields");
        }

        if (total >= 0 && parameters[total].Type != ParameterType.Integer)
        {
            rule.Error("equals", $"{parameters[total].Name} is no integer");
        }

        return new ModelRule.ItemSum(items, field, total, message);
    }

    internal static int Place(NodeReader node, string field, string name, FrozenDictionary<string, int> index)
    {
        if (index.TryGetValue(name, out var place))
        {
            return place;
        }

        var nearest = EditDistance.Nearest(name, index.Keys);
        node.Error(field, $"there is no parameter \"{name}\"{(nearest is null ? "" : $"; did you mean {nearest}?")} Allowed: {string.Join(", ", index.Keys.Order())}");
        return -1;
    }
}
