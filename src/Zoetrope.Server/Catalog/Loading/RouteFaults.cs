using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Loading;

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
        var where = key is null ? $"{place}.{section}" : $"{place}.{section}.{key}";
        errors.Add(new CatalogError(where, $"{what}.{meant}{list}") { Word = word, Suggestion = nearest });
        Count++;
    }

    /// <summary>Reports a name that is no parameter of the model.</summary>
    public void UnknownParameter(string section, string key, string name, RoutedModel model, params ReadOnlySpan<string> more)
    {
        string[] known = [.. model.Parameters.Select(parameter => parameter.Name), .. more];
        Add(section, key, name, $"\"{name}\" is not a parameter of this model", known);
    }

    /// <summary>A wrong value as a word: a text without its quotes, anything else as JSON.</summary>
    public static string WordOf(JsonElement value) => value.ValueKind is JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
