using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog;

/// <summary>The one place that changes: which snapshot is current. Readers take it once per request and need no lock.</summary>
internal sealed class CatalogHolder(ModelCatalog first)
{
    private ModelCatalog _current = first;

    public ModelCatalog Current => Volatile.Read(ref _current);

    public void Replace(ModelCatalog catalog) => Volatile.Write(ref _current, catalog);
}
