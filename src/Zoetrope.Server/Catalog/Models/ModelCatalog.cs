using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Zoetrope.Server.Catalog.Models;

/// <summary>Every model at one moment; replaced as a whole, never changed.</summary>
internal sealed class ModelCatalog
{
    private readonly FrozenDictionary<string, ModelSpec> _byName;
    private readonly FrozenDictionary<string, ModelSpec> _imageSiblings;

    public ModelCatalog(ImmutableArray<ModelSpec> models)
    {
        Models = models;
        _byName = models
            .SelectMany(model => model.Aliases.Prepend(model.Id), (model, name) => KeyValuePair.Create(name, model))
            .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _imageSiblings = models
            .Where(model => model.Mode is "text-to-image" or "text-to-video")
            .Select(model => KeyValuePair.Create(model.Id, Sibling(models, model)))
            .Where(pair => pair.Value is not null)
            .ToFrozenDictionary(pair => pair.Key, pair => pair.Value!);
    }

    /// <summary>In the order of the catalogue.</summary>
    public ImmutableArray<ModelSpec> Models { get; }

    /// <summary>By id or alias; null when there is none.</summary>
    public ModelSpec? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The image-to-X model of the same family as a text-to-X model.</summary>
    public ModelSpec? ImageSibling(ModelSpec model) => _imageSiblings.GetValueOrDefault(model.Id);

    /// <summary>Up to three ids that the name may have meant: ids that begin with it first, then by edit distance.</summary>
    public IReadOnlyList<string> Nearest(string name)
    {
        if (name.Length == 0)
        {
            return [];
        }

        return
        [
            .. _byName
                .Where(pair => pair.Value.Lifecycle.Status != LifecycleStatus.Retired)
                .Select(pair => (pair.Value.Id, Distance: Distance(name, pair.Key)))
                .Where(pair => pair.Distance <= Math.Max(3, Math.Min(name.Length, 24) / 3))
                .OrderBy(pair => pair.Distance)
                .ThenBy(pair => pair.Id, StringComparer.Ordinal)
                .Select(pair => pair.Id)
                .Distinct()
                .Take(3),
        ];
    }

    private static int Distance(string name, string candidate) =>
        candidate.StartsWith(name, StringComparison.OrdinalIgnoreCase) ? 0 : EditDistance.Between(name, candidate);

    private static ModelSpec? Sibling(ImmutableArray<ModelSpec> models, ModelSpec model)
    {
        var mode = model.Mode == "text-to-image" ? "image-to-image" : "image-to-video";
        return models.FirstOrDefault(other => other.Family == model.Family && other.Mode == mode);
    }
}
