using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Zoetrope.Server.Catalog.Models;

/// <summary>Every model at one moment; replaced as a whole, never changed.</summary>
internal sealed class ModelCatalog
{
    private readonly FrozenDictionary<string, ModelSpec> _byName;

    public ModelCatalog(ImmutableArray<ModelSpec> models)
    {
        Models = models;
        _byName = models
            .SelectMany(model => model.Aliases.Prepend(model.Id), (model, name) => KeyValuePair.Create(name, model))
            .ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        Names = new ModelNames(models);
    }

    /// <summary>In the order of the catalogue.</summary>
    public ImmutableArray<ModelSpec> Models { get; }

    /// <summary>A fingerprint of the files that it was read from: two nodes with different ones have different models or prices.</summary>
    public string Print { get; init; } = "";

    /// <summary>By id or alias; null when there is none.</summary>
    public ModelSpec? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>What else may be written for a model: a family, or a name with other spaces, dots and dashes.</summary>
    public ModelNames Names { get; }
}
