using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Loading;
using Zoetrope.Server.Providers;

namespace Zoetrope.Tests.Catalog;

public class EmbeddedCatalogTests
{
    [Fact]
    public void The_embedded_catalogue_has_no_errors()
    {
        var (catalog, errors) = CatalogLoader.Load(CatalogLoader.Embedded());

        Assert.Empty(errors);
        Assert.NotNull(catalog);
        Assert.Equal(96, catalog.Models.Length);
        Assert.True(CatalogCheck.Run(null, new CatalogOptions { Providers = ProvidersFeature.ForRoutes(ProvidersFeature.Vendors) }, new DateOnly(2026, 11, 30)).Ok);
    }
}
