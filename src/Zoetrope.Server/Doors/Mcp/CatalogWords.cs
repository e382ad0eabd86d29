using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Zoetrope.Server.Catalog.Listing;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>
/// The catalogue's limits and prices as an agent reads them in a tool's description. Nothing here is written by hand: what the
/// catalogue allows is what the description says.
/// </summary>
internal sealed class CatalogWords
{
    /// <summary>A parameter's text is read with every call's context, so it stays short; the listing has the rest.</summary>
    private const int MaxLength = 600;

    private readonly ImmutableArray<ModelSpec> _models;

    public CatalogWords(ModelCatalog catalog)
    {
        _models = [.. catalog.Models.Where(model => model.Lifecycle.Status is not LifecycleStatus.Retired)];
        FileParameters =
        [
            .. _models.SelectMany(model => model.Parameters)
                .Where(parameter => parameter.Input is not null)
                .Select(parameter => parameter.Name),
        ];
    }

    /// <summary>Every parameter that names files.</summary>
    public ImmutableHashSet<string> FileParameters { get; }

    /// <summary>Every id of a media type, modes of one family together: <c>veo-3-1-(text-to-video|image-to-video)</c>.</summary>
    public string Ids(MediaType media) => Join(_models.Where(model => model.MediaType == media && model.Mode != "upscale"));

    /// <summary>What each family of models allows of a parameter, equal ones together.</summary>
    public string Limits(string parameter)
    {
        var text = new StringBuilder();
        var groups = _models
            .Select(model => (Model: model, Place: model.IndexOf(parameter)))
            .Where(item => item.Place is not null)
            .GroupBy(item => Short(item.Model.Parameters[item.Place!.Value]), item => Base(item.Model), StringComparer.Ordinal)
            .OrderByDescending(group => group.Count());
        foreach (var group in groups)
        {
            var line = $"{group.Key} ({string.Join(", ", group.Distinct())})";
            if (text.Length + line.Length > MaxLength)
            {
                return text.Append("; others: vicsee_list_models").ToString();
            }

            text.Append(text.Length == 0 ? "" : "; ").Append(line);
        }

        return text.ToString();
    }

    /// <summary>Longest prompts, equal ones together.</summary>
    public string Prompts() => string.Join("; ", _models
        .Where(model => model.Prompt.MaxLength > 0 && model.Mode != "upscale")
        .GroupBy(model => model.Prompt.MaxLength)
        .OrderByDescending(group => group.Key)
        .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Key} ({string.Join(", ", group.Select(Base).Distinct())})")));

    /// <summary>From the cheapest to the most expensive request that sets no parameter.</summary>
    public string Prices(MediaType media)
    {
        var prices = _models.Where(model => model.MediaType == media).Select(ModelPrice.Default).OfType<long>().Order().ToList();
        return prices.Count == 0 ? "no fixed price" : string.Create(CultureInfo.InvariantCulture, $"{prices[0]} to {prices[^1]} credits");
    }

    /// <summary>One model's price rule, in the catalogue's form.</summary>
    public string Price(string modelId)
    {
        if (_models.FirstOrDefault(model => model.Id == modelId) is not { } model)
        {
            return "not offered";
        }

        return ListedModel.Credits(model).ToJsonString(WireJson.Options);
    }

    /// <summary>What one model allows of one of its parameters.</summary>
    public IReadOnlyList<string> Values(string modelId, string parameter) =>
        _models.FirstOrDefault(model => model.Id == modelId) is { } model && model.IndexOf(parameter) is { } place
            ? model.Parameters[place].Values
            : [];

    private static string Join(IEnumerable<ModelSpec> models) => string.Join(", ", models
        .GroupBy(Base, StringComparer.Ordinal)
        .Select(
            group =>
                group.Count() == 1
                    ? group.First().Id
                    : $"{group.Key}-({string.Join('|', group.Select(model => model.Id[(group.Key.Length + 1)..]))})"));

    private static string Short(ParameterSpec parameter) => parameter switch
    {
        { Type: ParameterType.StringArray, MaxItems: { } most } => string.Create(CultureInfo.InvariantCulture, $"at most {most}"),
        { Type: ParameterType.Integer, Integers.Length: 0, Min: { } min, Max: { } max } =>
            string.Create(CultureInfo.InvariantCulture, $"{min} to {max}"),
        _ => parameter.Allowed(),
    };

    private static string Base(ModelSpec model) =>
        model.Id.EndsWith("-" + model.Mode, StringComparison.Ordinal) ? model.Id[..^(model.Mode.Length + 1)] : model.Id;
}
