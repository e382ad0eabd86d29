namespace Zoetrope.Server.Catalog;

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
}
