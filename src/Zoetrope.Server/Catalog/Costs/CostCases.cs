using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;

namespace Zoetrope.Server.Catalog.Costs;

/// <summary>
/// Every request of a route that can differ in price or in cost: each value of what they depend on, each length, and the shortest and
/// longest input.
/// </summary>
internal sealed class CostCases(ModelSpec model, int route)
{
    /// <summary>An input video that no limit ends; costs and prices grow with it in step.</summary>
    private const int LongInput = 60;

    private readonly RouteSpec _route = model.Routes[route];
    private readonly PriceRule? _cost = model.CostOf(route).Rule;

    /// <summary>What price, cost and length depend on.</summary>
    public IReadOnlyList<int> Keys { get; } =
    [
        .. model.Price.Keys
            .Concat(model.Price.Images?.Each.Keys ?? [])
            .Concat(model.CostOf(route).Rule?.Keys ?? [])
            .Concat(model.Output.SecondsFrom is { } seconds ? [seconds] : [])
            .Distinct(),
    ];

    private bool NeedsPixels => model.Price.NeedsPixels || _cost?.NeedsPixels == true;

    /// <summary>The cases with the fewest input images, or with the most that the route takes; the default request comes first.</summary>
    public IEnumerable<CostCase> With(bool mostImages)
    {
        var images = mostImages ? MostImages() : LeastImages();
        var shape = NeedsPixels && !model.Output.NeedsInput ? new[] { model.Output.SizeFrom, model.Output.AspectFrom } : [];
        int[] varied =
        [
            .. Keys.Concat(shape.OfType<int>())
                .Where(place => model.Parameters[place].Cardinality is not null)
                .Distinct(),
        ];
        var defaults = model.Parameters.Select(parameter => parameter.Default).ToArray();
        return from values in Vary(varied, 0, defaults).Where(CanBeAsked)
               from input in Inputs()
               from pixels in Pixels(values)
               select new CostCase(values) { Input = input, Output = Length(values, input), Pixels = pixels, Images = images };
    }

    private IEnumerable<ParameterValue[]> Vary(int[] varied, int depth, ParameterValue[] values)
    {
        if (depth == varied.Length)
        {
            return [values];
        }

        var place = varied[depth];
        var parameter = model.Parameters[place];
        var first = parameter.OrdinalOf(parameter.Default);
        return Enumerable.Range(0, parameter.Cardinality!.Value)
            .OrderBy(ordinal => ordinal != first)
            .Where(ordinal => Reach(parameter.Name).CanBe(parameter.TextAt(ordinal)))
            .SelectMany(ordinal =>
            {
                var next = (ParameterValue[])values.Clone();
                next[place] = parameter.ValueAt(ordinal);
                return Vary(varied, depth + 1, next);
            });
    }

    // Conditions on files and on shots say nothing about the values that a price can depend on.
    private bool CanBeAsked(ParameterValue[] values) =>
        RuleCheck.Broken(model with { Rules = [.. model.Rules.OfType<ModelRule.WhenThen>()] }, values) is null;

    private IEnumerable<long> Inputs()
    {
        var videos = model.Parameters.Where(parameter => parameter.Input is InputKind.Video).ToList();
        if (videos.Count == 0 || videos.All(video => !Reach(video.Name).IsSent))
        {
            return [0];
        }

        var least = (long)Math.Ceiling(videos.Min(video => video.Limits?.MinSeconds ?? 1));
        var most = model.TotalVideoSeconds ?? (long)Math.Ceiling(videos.Max(video => video.Limits?.MaxSeconds ?? LongInput));
        long[] lengths = [least * 1000, Math.Max(least, most) * 1000];
        return videos.Any(video => video.Required) ? lengths : [0, .. lengths];
    }

    private long Length(ParameterValue[] values, long input) => model.Output switch
    {
        { Kind: OutputKind.Edit or OutputKind.Upscale } => input,
        { SecondsFrom: { } place } => values[place].Integer * 1000,
        var rule => rule.Seconds * 1000L,
    };

    private IEnumerable<long> Pixels(ParameterValue[] values)
    {
        if (!NeedsPixels)
        {
            return [0];
        }

        if (model.Output.NeedsInput)
        {
            return model.Price.Steps.Concat(_cost?.Steps ?? []).Distinct().Order().Select(step => step * 1_000_000);
        }

        var output = model.Output.Resolve(values, []);
        return output.Problem is null ? [(long)output.Value.Width * output.Value.Height] : [];
    }

    private int LeastImages() => Images().Where(parameter => parameter.Required).Sum(parameter => Math.Max(1, parameter.MinItems ?? 1));

    private int MostImages()
    {
        var all = Images().Sum(
            parameter => Math.Min(Math.Min(parameter.MaxItems ?? 1, Reach(parameter.Name).FilePlaces), Limit(parameter.Name)));
        return Math.Min(all, Limit(RouteReach.AllFiles));
    }

    private IEnumerable<ParameterSpec> Images() => model.Parameters.Where(parameter => parameter.Input is InputKind.Image);

    private int Limit(string name) => Reach(name).Accepts is Acceptance.Range { Max: { } most } ? (int)most : int.MaxValue;

    private RouteReach Reach(string name) => _route.Reach.GetValueOrDefault(name, RouteReach.None);
}
