using System.Globalization;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>Tries every size and the price of every length of a model, so that no request finds the gap first.</summary>
internal static class CatalogProof
{
    public static IEnumerable<string> Check(ModelSpec model)
    {
        foreach (var problem in Rules(model))
        {
            yield return problem;
        }

        if (model.Output.NeedsInput)
        {
            yield break;
        }

        var values = model.Parameters.Select(parameter => parameter.Default).ToArray();
        foreach (var combination in Combinations(model, values))
        {
            var output = model.Output.Resolve(combination, []);
            if (output.Failed(out var problem) || output.Value is not { Width: >= 16 and <= 16_384, Height: >= 16 and <= 16_384 })
            {
                var why = problem?.Message ?? string.Create(CultureInfo.InvariantCulture, $"{output.Value.Width}x{output.Value.Height}.");
                yield return $"models[{model.Id}].output: There is no sensible size for {Describe(model, combination)}: {why}";
                continue;
            }

            var quote = model.Price.Quote(new PriceQuantities
            {
                Values = combination,
                OutputMilliseconds = PriceRule.Milliseconds(output.Value.DurationSeconds),
                OutputPixels = (long)output.Value.Width * output.Value.Height,
            });
            if (quote.Problem is { } unpriced)
            {
                yield return $"models[{model.Id}].price: {Describe(model, combination)}: {unpriced.Message}";
            }
        }
    }

    // Defaults must satisfy the model's own rules, or the shortest request would be refused.
    private static IEnumerable<string> Rules(ModelSpec model)
    {
        var values = model.Parameters.Select(parameter => parameter.Default).ToArray();
        return model.Rules
            .OfType<ModelRule.WhenThen>()
            .Where(rule => RuleCheck.Broken(model with { Rules = [rule] }, values) is not null)
            .Select(rule => $"models[{model.Id}].rules: The defaults break the rule \"{rule.Message}\" Change a default or the rule.");
    }

    private static IEnumerable<ParameterValue[]> Combinations(ModelSpec model, ParameterValue[] defaults)
    {
        var varied = new[] { model.Output.SizeFrom, model.Output.AspectFrom, model.Output.SecondsFrom }
            .OfType<int>()
            .Where(place => model.Parameters[place].Cardinality is not null)
            .Distinct()
            .ToArray();
        return Vary(0, defaults);

        IEnumerable<ParameterValue[]> Vary(int depth, ParameterValue[] values)
        {
            if (depth == varied.Length)
            {
                return [values];
            }

            var parameter = model.Parameters[varied[depth]];
            return Enumerable.Range(0, parameter.Cardinality!.Value).SelectMany(ordinal =>
            {
                var next = (ParameterValue[])values.Clone();
                next[varied[depth]] = parameter.ValueAt(ordinal);
                return Vary(depth + 1, next);
            });
        }
    }

    private static string Describe(ModelSpec model, ParameterValue[] values) =>
        System.Text.Encoding.UTF8.GetString(ParameterWriter.Write(model, values));
}
