using System.Globalization;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Schema;

/// <summary>Where in the catalogue something is being read, and where to report what is wrong there.</summary>
internal readonly record struct Place(string Path, List<string> Errors)
{
    public static Place Of(string file, List<string> errors) => new($"{file}:", errors);

    public Place At(string field) => this with { Path = Path.EndsWith(':') ? $"{Path} {field}" : $"{Path}.{field}" };

    public Place At(int index) => this with { Path = string.Create(CultureInfo.InvariantCulture, $"{Path}[{index}]") };

    /// <param name="sentences">What is wrong, what is allowed and what to do.</param>
    public void Refuse(string sentences) => Errors.Add($"{Path.TrimEnd(':')}: {sentences}");

    public void Refuse(string given, string allowed) => Refuse($"{given} is not allowed. Allowed: {allowed}.");

    /// <param name="what">What kind of name it is: field, parameter, fragment.</param>
    /// <param name="name">The name that nobody knows.</param>
    /// <param name="known">The names that there are.</param>
    public void RefuseName(string what, string name, IEnumerable<string> known)
    {
        var names = known.Order(StringComparer.Ordinal).ToArray();
        var nearest = EditDistance.Nearest(name, names);
        Refuse($"Unknown {what} `{name}`.{(nearest is null ? "" : $" Did you mean `{nearest}`?")} Allowed: {string.Join(", ", names)}.");
    }
}
