using System.Collections.Concurrent;
using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Listing;

/// <summary>
/// The array that GET /models answers with, rendered once for each snapshot and media type.
/// Whether a model is available is decided elsewhere and asked while rendering.
/// </summary>
internal sealed class CatalogListing(CatalogHolder holder, Func<ModelSpec, bool> available)
{
    private Rendered _rendered = new(null);

    /// <param name="type">image, video or music; null lists everything.</param>
    /// <returns>UTF-8 JSON array of models.</returns>
    public Outcome<ReadOnlyMemory<byte>> Get(string? type)
    {
        if (type is not (null or "" or "image" or "video" or "music"))
        {
            var given = type.Length > 80 ? type[..80] : type;
            return Problems.InvalidParameter.With("type must be image, video or music.", "type", given, "image, video, music");
        }

        var catalog = holder.Current;
        var rendered = Volatile.Read(ref _rendered);
        if (rendered.Catalog != catalog)
        {
            rendered = new Rendered(catalog);
            Volatile.Write(ref _rendered, rendered);
        }

        return rendered.ByType.GetOrAdd(
            type ?? "", static (key, state) => Render(state.catalog, key, state.available), (catalog, available));
    }

    /// <summary>Forgets what was rendered; for when availability has changed.</summary>
    public void Invalidate() => Volatile.Write(ref _rendered, new Rendered(null));

    private static ReadOnlyMemory<byte> Render(ModelCatalog catalog, string type, Func<ModelSpec, bool> available) =>
        JsonSerializer.SerializeToUtf8Bytes(
            catalog.Models
                .Where(model => model.Lifecycle.Status != LifecycleStatus.Retired)
                .Where(model => type.Length == 0 || type == model.MediaType.Word())
                .Select(model => ListedModel.Of(model, available(model))),
            ListingJson.Default.IEnumerableModelListing);

    private sealed record Rendered(ModelCatalog? Catalog)
    {
        public ConcurrentDictionary<string, ReadOnlyMemory<byte>> ByType { get; } = new();
    }
}
