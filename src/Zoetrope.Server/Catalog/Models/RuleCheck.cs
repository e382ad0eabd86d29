using System.Globalization;
using System.Text.Json;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Catalog.Models;

/// <summary>Checks the conditions that span several parameters, on resolved values.</summary>
internal static class RuleCheck
{
    public static Problem? Broken(ModelSpec model, ParameterValue[] values)
    {
        foreach (var rule in model.Rules)
        {
            var problem = rule switch
            {
                ModelRule.AnyOf any => NoneOf(model, values, any),
                ModelRule.WhenThen limit => Breaks(model, values, limit),
                ModelRule.ItemSum sum => Differs(model, values, sum),
                _ => null,
            };
            if (problem is not null)
            {
                return problem;
            }
        }

        return null;
    }

    private static Problem? NoneOf(ModelSpec model, ParameterValue[] values, ModelRule.AnyOf rule)
    {
        foreach (var index in rule.Parameters)
        {
            // An empty list is set but names no file; its value is false then.
            if (values[index] is { IsSet: true } value && (model.Parameters[index].Input is null || value.Integer == 1))
            {
                return null;
            }
        }

        var names = string.Join(", ", rule.Parameters.Select(index => model.Parameters[index].Name));
        return Problems.MissingParameter.With(rule.Message, model.Parameters[rule.Parameters[0]].Name, allowed: $"at least one of {names}");
    }

    private static Problem? Breaks(ModelSpec model, ParameterValue[] values, ModelRule.WhenThen rule)
    {
        var (when, then) = (model.Parameters[rule.When], model.Parameters[rule.Then]);
        if (!rule.WhenOrdinals.Contains(when.OrdinalOf(values[rule.When]))
            || !values[rule.Then].IsSet
            || rule.ThenOrdinals.Contains(then.OrdinalOf(values[rule.Then])))
        {
            return null;
        }

        return Problems.InvalidParameter.With(
            rule.Message, then.Name, values[rule.Then].ToText(then.Type), string.Join(", ", rule.ThenOrdinals.Select(then.TextAt)));
    }

    private static Problem? Differs(ModelSpec model, ParameterValue[] values, ModelRule.ItemSum rule)
    {
        if (values[rule.Items].Text is not { } items)
        {
            return null;
        }

        // Already checked and canonical, so every number there is a whole one within its limits.
        using var document = JsonDocument.Parse(items);
        var sum = 0L;
        foreach (var item in document.RootElement.EnumerateArray())
        {
            if (!item.TryGetProperty(rule.Field, out var number))
            {
                return null;
            }

            sum += number.GetInt64();
        }

        var total = values[rule.Total].Integer;
        return sum == total
            ? null
            : Problems.InvalidParameter.With(
                $"{rule.Message} The items add up to {sum}, but {model.Parameters[rule.Total].Name} is {total}.",
                model.Parameters[rule.Items].Name,
                sum.ToString(CultureInfo.InvariantCulture),
                $"a sum of {total}");
    }
}
