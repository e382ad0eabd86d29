using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Generations;

/// <summary>What an attempt costs the operator at its vendor, and who says so. No customer sees it.</summary>
/// <param name="Source">A word of the column <c>cost_source</c>.</param>
/// <param name="Micros">Millionths of a US dollar; null where nobody knows, or nothing was bought.</param>
internal sealed record AttemptCost(string Source, long? Micros = null)
{
    /// <summary>Nobody knows what it costs, or whether it is billed at all.</summary>
    public static readonly AttemptCost Unknown = new("unknown");

    /// <summary>Nothing was bought: the vendor did not take it, does not bill it, or is the sandbox.</summary>
    public static readonly AttemptCost None = new("none");

    /// <summary>The vendor's own figure, which is worth more than a rule of ours; null where it names none.</summary>
    public static AttemptCost? Told(long? micros) => micros is { } told ? new AttemptCost("vendor", told) : null;

    /// <summary>By the catalogue's rule for the route, as it is now.</summary>
    /// <param name="model">The model as the catalogue has it; null where it is gone.</param>
    /// <param name="generation">The request, about to be sent to its route.</param>
    public static AttemptCost ByRule(ModelSpec? model, Generation generation)
    {
        if (model?.CostOf(generation.Route) is not { Rule: { } rule } cost)
        {
            return Unknown;
        }

        var output = GenerationJson.Output(generation);
        var inputs = GenerationJson.Inputs(generation);
        var video = inputs.Sum(input => input.Milliseconds ?? 0);
        var micros = cost.Micros(new PriceQuantities
        {
            Values = Values(model, rule, generation.Parameters),
            HasVideoInput = video > 0,
            InputVideoMilliseconds = video,
            OutputMilliseconds = PriceRule.Milliseconds(output.DurationSeconds),
            OutputPixels = (long)output.Width * output.Height,
            InputImages = inputs.Count(input => input.ContentType.StartsWith("image/", StringComparison.Ordinal)),
        });
        return micros is null ? Unknown : new AttemptCost(cost.Kind is CostKind.Stated ? "stated" : "assumed", micros);
    }

    // Only what the rule asks for is read back from the row.
    private static ParameterValue[] Values(ModelSpec model, PriceRule rule, string parameters)
    {
        var values = new ParameterValue[model.Parameters.Length];
        using var written = JsonDocument.Parse(parameters);
        foreach (var place in rule.Keys)
        {
            var parameter = model.Parameters[place];
            if (written.RootElement.TryGetProperty(parameter.Name, out var value))
            {
                var text = value.ValueKind is JsonValueKind.String ? value.GetString() : value.GetRawText();
                var ordinal = Enumerable.Range(0, parameter.Cardinality ?? 0)
                    .FirstOrDefault(ordinal => parameter.TextAt(ordinal) == text, -1);
                values[place] = ordinal < 0 ? default : parameter.ValueAt(ordinal);
            }
        }

        return values;
    }
}
