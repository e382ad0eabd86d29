using System.Globalization;
using Zoetrope.Server.Catalog.Costs;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>
/// What <c>catalog check</c> prints: whether the embedded catalogue with this file over it can be served, and at what margin.
/// </summary>
/// <param name="Ok">Whether the server would start with it, and sell nothing below cost.</param>
/// <param name="Lines">The report, one fact or error per line.</param>
/// <param name="Errors">Everything that is wrong.</param>
/// <param name="Costs">Costs and margins; null if the server would not start.</param>
internal sealed record CatalogCheck(bool Ok, IReadOnlyList<string> Lines, IReadOnlyList<CatalogError> Errors, CostReport? Costs)
{
    /// <param name="path">The operator's file; null checks the embedded catalogue alone.</param>
    /// <param name="options">The names that a route may use, what a credit is worth, and what is worth a warning.</param>
    /// <param name="today">The day on which it is asked.</param>
    public static CatalogCheck Run(string? path, CatalogOptions options, DateOnly today)
    {
        byte[]? file = null;
        try
        {
            file = path is null ? null : File.ReadAllBytes(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return Broken([new CatalogError(path!, $"cannot be read: {unreadable.Message}")], null);
        }

        var loaded = CatalogLoader.Load(CatalogLoader.Embedded(), file, options.Providers);
        if (loaded.Catalog is not { } catalog)
        {
            return Broken(loaded.Errors, null);
        }

        var costs = CostReport.Of(catalog, options, today);
        if (costs.Losses.Count > 0)
        {
            return Broken(costs.Losses, costs);
        }

        var all = catalog.Models.Length;
        var images = catalog.Models.Count(model => model.MediaType == MediaType.Image);
        var own = catalog.Models.Count(model => model.PriceSource == "zoetrope");
        return new CatalogCheck(
            true,
            [
                string.Create(CultureInfo.InvariantCulture, $"{all} models ({images} image, {all - images} video): no errors"),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"prices: {all - own} of VicSee, {own} derived by Zoetrope; see derivation in the catalogue"),
            ],
            [],
            costs);
    }

    private static CatalogCheck Broken(IReadOnlyList<CatalogError> errors, CostReport? costs) =>
        new(
            false,
            [.. errors.Select(error => error.ToString()), string.Create(CultureInfo.InvariantCulture, $"{errors.Count} error(s)")],
            errors,
            costs);
}
