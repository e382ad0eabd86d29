using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Listing;

/// <summary>What of the catalogue is asked for.</summary>
/// <param name="Type">image, video or music; null or empty lists everything.</param>
/// <param name="IsFull">With schemas and limits; otherwise as short as an agent can read at once.</param>
internal sealed record ListingQuery(string? Type = null, bool IsFull = false)
{
    public static readonly ImmutableArray<string> Types = ["image", "video", "music"];

    /// <summary>The most models; null lists all.</summary>
    public int? Limit { get; init; }

    /// <summary>The ids of the models that may be seen; null is all.</summary>
    public IReadOnlyList<string>? Only { get; init; }

    /// <summary>Whether the answer is one that many get.</summary>
    public bool IsCommon => Limit is null && Only is null;
}

/// <summary>
/// What GET /models answers with, rendered once for each snapshot. Whether a model is available is decided elsewhere and asked
/// while rendering.
/// </summary>
internal sealed class CatalogListing(CatalogHolder holder, Func<ModelSpec, bool> available)
{
    private Rendered _rendered = new(null);

    /// <returns>UTF-8 JSON array of models; the same memory as long as nothing has changed, except with a limit or for a key that sees some.</returns>
    public Outcome<ReadOnlyMemory<byte>> Get(ListingQuery query)
    {
        if (query.Type is { Length: > 0 } type && !ListingQuery.Types.Contains(type))
        {
            return Problems.InvalidParameter.With(
                "type must be image, video or music.", "type", ShortText.Of(type), "image, video, music");
        }

        var rendered = Current();
        return query.IsCommon
            ? rendered.Lists.GetOrAdd(
                (query.Type ?? "", query.IsFull), static (key, all) => Join(all, new ListingQuery(key.Type, key.IsFull)), rendered)
            : Join(rendered, query);
    }

    /// <summary>One model in full.</summary>
    public ReadOnlyMemory<byte> Of(ModelSpec model) => Current().Entries.First(entry => entry.Model.Id == model.Id).Full;

    /// <summary>The catalogue that was rendered last.</summary>
    public ModelCatalog Catalog => holder.Current;

    /// <summary>Forgets what was rendered; for when availability has changed.</summary>
    public void Invalidate() => Volatile.Write(ref _rendered, new Rendered(null));

    private Rendered Current()
    {
        var catalog = holder.Current;
        var rendered = Volatile.Read(ref _rendered);
        if (rendered.Catalog != catalog)
        {
            rendered = new Rendered(catalog)
            {
                Entries =
                [
                    .. catalog.Models.Where(model => model.Lifecycle.Status != LifecycleStatus.Retired)
                        .Select(model => Render(model, available(model))),
                ],
            };
            Volatile.Write(ref _rendered, rendered);
        }

        return rendered;
    }

    private static Entry Render(ModelSpec model, bool isAvailable)
    {
        var listed = ListedModel.Of(model, isAvailable);
        return new Entry(
            model,
            WireJson.Bytes(listed, ListingJson.Default.ModelListing),
            WireJson.Bytes(ListedModel.Short(listed), ListingJson.Default.JsonObject));
    }

    private static ReadOnlyMemory<byte> Join(Rendered rendered, ListingQuery query)
    {
        var wanted = rendered.Entries
            .Where(entry => string.IsNullOrEmpty(query.Type) || query.Type == entry.Model.MediaType.Word())
            .Where(entry => query.Only is null || query.Only.Contains(entry.Model.Id, StringComparer.Ordinal))
            .Take(query.Limit ?? int.MaxValue);
        var array = new ArrayBufferWriter<byte>(16 * 1024);
        array.Write("["u8);
        foreach (var entry in wanted)
        {
            if (array.WrittenCount > 1)
            {
                array.Write(","u8);
            }

            array.Write(query.IsFull ? entry.Full : entry.Short);
        }

        array.Write("]"u8);
        return array.WrittenMemory;
    }

    private sealed record Entry(ModelSpec Model, byte[] Full, byte[] Short);

    private sealed record Rendered(ModelCatalog? Catalog)
    {
        public ImmutableArray<Entry> Entries { get; init; } = [];

        public ConcurrentDictionary<(string Type, bool IsFull), ReadOnlyMemory<byte>> Lists { get; } = new();
    }
}
