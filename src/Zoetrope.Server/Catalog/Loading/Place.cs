using System.Globalization;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>Where in the catalogue something is being read, and where to report what is wrong. Only an error makes a text of it.</summary>
internal sealed record Place(string Name, List<CatalogError> Errors, Place? Parent = null)
{
    public string Path => Parent switch
    {
        null => Name,
        { Parent: null, Name: [.., ':'] } => $"{Parent.Name} {Name}",
        _ => Name is ['[', ..] ? $"{Parent.Path}{Name}" : $"{Parent.Path}.{Name}",
    };

    public static Place Of(string file, List<CatalogError> errors) => new($"{file}:", errors);

    public Place At(string field) => new(field, Errors, this);

    public Place At(int index) => new(string.Create(CultureInfo.InvariantCulture, $"[{index}]"), Errors, this);

    /// <param name="sentences">What is wrong, what is allowed and what to do.</param>
    public void Refuse(string sentences) => Add(sentences);

    public void Refuse(string given, string allowed, string? nearest = null) => Add(
        $"{given} is not allowed.{(nearest is null ? "" : $" Did you mean `{nearest}`?")} Allowed: {allowed}.",
        given.Trim('"'),
        nearest);

    /// <param name="what">What kind of name it is: field, parameter, fragment.</param>
    /// <param name="name">The unknown name.</param>
    /// <param name="known">The names that there are.</param>
    public void RefuseName(string what, string name, IEnumerable<string> known)
    {
        var names = known.Order(StringComparer.Ordinal).ToArray();
        var nearest = EditDistance.Nearest(name, names);
        var meant = nearest is null ? "" : $" Did you mean `{nearest}`?";
        Add($"Unknown {what} `{name}`.{meant} Allowed: {string.Join(", ", names)}.", name, nearest);
    }

    private void Add(string message, string? word = null, string? nearest = null) =>
        Errors.Add(new CatalogError(Path.TrimEnd(':'), message) { Word = word, Suggestion = nearest });
}
