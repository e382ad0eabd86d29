using System.Globalization;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Costs;

/// <summary>A request that a route's price and cost are compared for.</summary>
/// <param name="Values">The parameters' values.</param>
internal sealed record CostCase(ParameterValue[] Values)
{
    /// <summary>Milliseconds of the input videos; 0 where there is none.</summary>
    public long Input { get; init; }

    public long Output { get; init; }

    public long Pixels { get; init; }

    public int Images { get; init; }

    public PriceQuantities Quantities => new()
    {
        Values = Values,
        HasVideoInput = Input > 0,
        InputVideoMilliseconds = Input,
        OutputMilliseconds = Output,
        OutputPixels = Pixels,
        InputImages = Images,
    };

    /// <summary>Only what the amount depends on: <c>resolution 2K, duration 8, 16 input images</c>.</summary>
    public string Describe(ModelSpec model, IEnumerable<int> keys)
    {
        var parts = keys.Distinct()
            .Where(key => Values[key].IsSet)
            .Select(key => $"{model.Parameters[key].Name} {Values[key].ToText(model.Parameters[key].Type)}")
            .ToList();
        if (Input > 0)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{Input / 1000.0:0.#} s of input video"));
        }

        if (Images > 0)
        {
            parts.Add(Images == 1 ? "1 input image" : $"{Images} input images");
        }

        if (Pixels > 0 && model.Output.NeedsInput)
        {
            parts.Add($"{Pixels / 1_000_000} megapixels");
        }

        return parts.Count == 0 ? "every request" : string.Join(", ", parts);
    }
}
