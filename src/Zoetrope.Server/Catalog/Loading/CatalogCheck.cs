using System.Globalization;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>What <c>catalog check</c> prints: whether the embedded catalogue with this file over it can be served.</summary>
/// <param name="Ok">Whether the server would start with it.</param>
/// <param name="Lines">The report, one fact or error per line.</param>
/// <param name="Errors">Everything that is wrong.</param>
internal sealed record CatalogCheck(bool Ok, IReadOnlyList<string> Lines, IReadOnlyList<CatalogError> Errors)
{
    /// <param name="path">The operator's file; null checks the embedded catalogue alone.</param>
    /// <param name="providers">The names that a route may use; null means those of all vendors.</param>
    /// <param name="today">The day against which the models' ends are held; null leaves that out.</param>
    public static CatalogCheck Run(string? path, IReadOnlyList<RouteProvider>? providers = null, DateOnly? today = null)
    {
        byte[]? file = null;
        try
        {
            file = path is null ? null : File.ReadAllBytes(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return Broken([new CatalogError(path!, $"cannot be read: {unreadable.Message}")]);
        }

        var loaded = CatalogLoader.Load(CatalogLoader.Embedded(), file, providers);
        if (loaded.Catalog is not { } catalog)
        {
            return Broken(loaded.Errors);
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
                    $"prices: {all - own} of VicSee, {own} derived by Zoetrope; see priceDerivation in GET /api/v1/models"),
                .. today is { } day ? Retirement.Overdue(catalog.Models, day).Select(line => $"warning: {line}") : [],
            ],
            []);
    }

    private static CatalogCheck Broken(IReadOnlyList<CatalogError> errors) =>
        new(
            false,
            [.. errors.Select(error => error.ToString()), string.Create(CultureInfo.InvariantCulture, $"{errors.Count} error(s)")],
            errors);
}
