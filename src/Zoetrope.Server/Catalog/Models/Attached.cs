using System.Collections.Immutable;

namespace Zoetrope.Server.Catalog.Models;

/// <summary>Which files come with a request: what a family's name means depends on it.</summary>
/// <param name="Names">The parameters that hold them, as far as the client named any.</param>
/// <param name="Kinds">Their kinds, where it did not.</param>
internal sealed record Attached(ImmutableArray<string> Names, ImmutableArray<InputKind> Kinds)
{
    /// <summary>The older dialect's single image; it means the model's own image parameter.</summary>
    public const string LegacyImage = "image";

    public static readonly Attached Nothing = new([], []);

    /// <summary>The place of a parameter in the model, under its own or its older name.</summary>
    public static int? PlaceIn(ModelSpec model, string name) =>
        model.IndexOf(name) ?? (name == LegacyImage ? model.IndexOf("image_urls") ?? model.IndexOf("image_url") : null);

    /// <summary>Whether the model accepts all of it and needs nothing else.</summary>
    public bool Fits(ModelSpec model) =>
        Accepted(model) == Names.Length + Kinds.Length
        && model.Parameters.Where(parameter => parameter is { Input: not null, Required: true }).All(parameter =>
            Kinds.Contains(parameter.Input!.Value) || Names.Any(name => PlaceIn(model, name) == model.IndexOf(parameter.Name)));

    /// <summary>How much of it the model accepts.</summary>
    public int Accepted(ModelSpec model) =>
        Names.Count(name => PlaceIn(model, name) is { } place && model.Parameters[place].Input is not null)
        + Kinds.Count(kind => model.MaxInputs(kind) > 0);
}
