using System.Globalization;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Doors.OAuth.Consent;

/// <summary>What one kind of result costs here where a request sets nothing, from the cheapest model to the dearest.</summary>
/// <param name="Media">Image or video.</param>
/// <param name="Prices">One of each model, cheapest first.</param>
/// <param name="Model">The model in the middle.</param>
/// <param name="Shape">What it makes then: <c>5 s at 720p</c>.</param>
internal sealed record PriceExample(MediaType Media, IReadOnlyList<long> Prices, string Model, string Shape)
{
    public long Typical => Prices[(Prices.Count - 1) / 2];

    /// <summary>What three of four models cost at most.</summary>
    public long Usual => Prices[(Prices.Count - 1) * 3 / 4];
}

/// <summary>
/// The prices of the models that a key of one mode can use now. A limit that is chosen without knowing them is a guess, and a
/// guess that refuses every video is none.
/// </summary>
internal sealed class ConsentPrices(CatalogHolder catalog, Routing routing)
{
    private const int TypicalRequests = 10;

    public IReadOnlyList<PriceExample> Of(KeyMode mode) =>
    [
        .. new[] { MediaType.Image, MediaType.Video }.Select(media => Example(media, mode)).OfType<PriceExample>(),
    ];

    /// <summary>A day of ten typical results of the dearest kind, and at least one usual one.</summary>
    public static long? SpendPerDay(IReadOnlyList<PriceExample> examples) => examples.Count == 0
        ? null
        : Math.Max(Rounded(examples[^1].Typical * TypicalRequests), AskAbove(examples)!.Value);

    /// <summary>So that a usual result of the dearest kind can be made without a question.</summary>
    public static long? AskAbove(IReadOnlyList<PriceExample> examples) => examples.Count == 0 ? null : Rounded(examples[^1].Usual);

    private PriceExample? Example(MediaType media, KeyMode mode)
    {
        var offered = catalog.Current.Models
            .Where(model => model.MediaType == media && Retirement.Of(model) is null && routing.IsAvailable(model, mode))
            .Select(model => (Model: model, Price: ModelPrice.Default(model)))
            .Where(item => item.Price is not null)
            .OrderBy(item => item.Price)
            .ThenBy(item => item.Model.Id, StringComparer.Ordinal)
            .ToList();
        if (offered.Count == 0)
        {
            return null;
        }

        var middle = offered[(offered.Count - 1) / 2].Model;
        return new PriceExample(media, [.. offered.Select(item => item.Price!.Value)], middle.Name, Shape(middle));
    }

    // A model with a price for the request that sets nothing has a shape for it too.
    private static string Shape(ModelSpec model)
    {
        var output = model.Output.Resolve([.. model.Parameters.Select(parameter => parameter.Default)], []).Value;
        return model.MediaType is MediaType.Video
            ? string.Create(
                CultureInfo.InvariantCulture, $"{output.DurationSeconds:0.#} s at {Math.Min(output.Width, output.Height)}p")
            : string.Create(CultureInfo.InvariantCulture, $"{output.Width} × {output.Height}");
    }

    // Two figures are enough of a limit: 1072 is proposed as 1100.
    private static long Rounded(long credits)
    {
        var step = 1L;
        while (credits / step >= 100)
        {
            step *= 10;
        }

        return (credits + step - 1) / step * step;
    }
}
