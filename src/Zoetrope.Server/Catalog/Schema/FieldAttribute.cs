using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Catalog.Routes.Transforms;

namespace Zoetrope.Server.Catalog.Schema;

/// <summary>
/// What a field of the catalogue means and what it can hold. The check of a file and the schema that editors use are both made from it,
/// so they cannot differ.
/// </summary>
/// <param name="description">What an editor shows.</param>
/// <param name="words">The only texts that are allowed; none allows any text.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
internal sealed class FieldAttribute(string description, params string[] words) : Attribute
{
    public string Description => description;

    /// <summary>Whether the field must be there once all layers have been merged.</summary>
    public bool Required { get; init; }

    /// <summary>The least number; with <see cref="Max"/> or not at all.</summary>
    public double Min { get; init; } = double.NaN;

    public double Max { get; init; } = double.NaN;

    /// <summary>A regular expression for editors; the field's reader checks the same.</summary>
    public string? Pattern { get; init; }

    /// <summary>The values of the object's <c>type</c> that have this field; none is every type.</summary>
    public string[] Of { get; init; } = [];

    /// <summary>The name of the list that holds the allowed words, where the words are needed elsewhere too.</summary>
    public string? WordsOf { get; init; }

    /// <summary>Whether editors offer the words and another reader checks them.</summary>
    public bool Open { get; init; }

    public IReadOnlyList<string> Words => WordsOf switch
    {
        nameof(ModelSpec.Modes) => ModelSpec.Modes,
        nameof(RouteSpec.KnownProviders) => [.. RouteSpec.KnownProviders.Select(provider => provider.Name)],
        nameof(Transform) => [.. Transform.Words.Keys.Append(Transform.OneOrMany).Order(StringComparer.Ordinal)],
        _ => words,
    };

    public bool HasRange => !double.IsNaN(Min);
}
