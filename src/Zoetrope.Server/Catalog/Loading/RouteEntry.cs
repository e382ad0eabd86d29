using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>A route as the catalogue writes it, before its words mean anything. Members whose value is null are left out, except in <see cref="Params"/>.</summary>
internal sealed record RouteEntry
{
    public required string Provider { get; init; }

    public required string Model { get; init; }

    /// <summary>Our name to the vendor's field, where null says that the vendor has none; null where the route has no <c>params</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>>? Params { get; init; }

    public IReadOnlyList<KeyValuePair<string, JsonElement>> Transforms { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, JsonElement>> Accepts { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, JsonElement>> Implied { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, JsonElement>> Fixed { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, JsonElement>> Extra { get; init; } = [];

    public string? Note { get; init; }
}

/// <summary>What a route must fit: the model that it serves.</summary>
/// <param name="Parameters">The model's parameters.</param>
/// <param name="LaidAside">Parameters that the model takes away from a shared fragment with null. A shared route may still name them; they mean nothing here.</param>
/// <param name="Prompt">The model's prompt.</param>
/// <param name="Providers">Every name that a route may use.</param>
internal sealed record RoutedModel(
    IReadOnlyList<ParameterSpec> Parameters,
    IReadOnlySet<string> LaidAside,
    PromptSpec Prompt,
    IReadOnlyCollection<string> Providers)
{
    public ParameterSpec? Find(string name) => Parameters.FirstOrDefault(parameter => parameter.Name == name);
}

/// <summary>Collects what is wrong with one route.</summary>
/// <param name="place">The route: <c>models[…].routes[0]</c>.</param>
/// <param name="errors">Where to.</param>
internal sealed class RouteFaults(string place, List<CatalogError> errors)
{
    public int Count { get; private set; }

    /// <param name="section">The member of the route.</param>
    /// <param name="key">The member of the section; null where the fault is the section's.</param>
    /// <param name="word">The wrong word.</param>
    /// <param name="what">What is wrong, as a sentence without its full stop.</param>
    /// <param name="allowed">The right words, where they can be listed.</param>
    public void Add(string section, string? key, string word, string what, IEnumerable<string>? allowed = null)
    {
        var words = allowed?.ToList() ?? [];
        var nearest = words.Contains(word) ? null : EditDistance.Nearest(word, words);
        var meant = nearest is null ? "" : $" Did you mean {nearest}?";
        var list = words.Count == 0 ? "" : $" Allowed: {string.Join(", ", words)}.";
        errors.Add(new CatalogError($"{place}.{section}{(key is null ? "" : $".{key}")}", $"{what}.{meant}{list}") { Word = word, Suggestion = nearest });
        Count++;
    }

    /// <summary>Reports a name that is no parameter of the model.</summary>
    public void UnknownParameter(string section, string key, string name, RoutedModel model, params ReadOnlySpan<string> more) =>
        Add(section, key, name, $"\"{name}\" is not a parameter of this model", [.. model.Parameters.Select(parameter => parameter.Name), .. more]);
}
