using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Cli.Media;

/// <summary>Finds models in the catalogue: by name, or for what somebody wants to make of what.</summary>
internal static class CatalogSearch
{
    public static ModelListing? Find(IEnumerable<ModelListing> models, string name) =>
        models.FirstOrDefault(
            model =>
                string.Equals(model.Id, name, StringComparison.OrdinalIgnoreCase)
                    || model.Aliases.Contains(name, StringComparer.OrdinalIgnoreCase));

    /// <summary>
    /// The first model in the catalogue's order, which is its operator's, that makes this of exactly these kinds of inputs, can be used
    /// now and is not on its way out.
    /// </summary>
    /// <param name="models">The catalogue.</param>
    /// <param name="type"><c>image</c> or <c>video</c>.</param>
    /// <param name="kinds">Kinds of the inputs there are: <c>image</c>, <c>video</c>, <c>audio</c>.</param>
    public static ModelListing? Choose(
        IEnumerable<ModelListing> models, string type, IReadOnlyCollection<string> kinds) => models.FirstOrDefault(model =>
        model.MediaType == type
        && model.Available
        && model.Lifecycle is null or { Status: "active" }
        && model.Mode != "upscale"
        && Takes(model, kinds)
        && RequiredKinds(model).All(kinds.Contains)
        && model.Mode.StartsWith("text-", StringComparison.Ordinal) == (kinds.Count == 0));

    private static bool Takes(ModelListing model, IReadOnlyCollection<string> kinds) =>
        kinds.All(kind => FileParameters(model, kind).Any());

    /// <summary>The model's parameters that take files of a kind, in the catalogue's order.</summary>
    public static IEnumerable<string> FileParameters(ModelListing model, string kind) =>
        from name in model.Parameters.Keys
        where model.Limits?.Files.GetValueOrDefault(name)?.ContentTypes.Any(
            type => type.StartsWith(kind + "/", StringComparison.Ordinal)) == true
        select name;

    private static IEnumerable<string> RequiredKinds(ModelListing model) =>
        from parameter in model.Parameters
        where parameter.Value.Required && model.Limits?.Files.ContainsKey(parameter.Key) == true
        from type in model.Limits!.Files[parameter.Key].ContentTypes.Take(1)
        select type[..type.IndexOf('/', StringComparison.Ordinal)];
}
