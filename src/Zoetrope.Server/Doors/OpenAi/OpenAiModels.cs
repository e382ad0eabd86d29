using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Zoetrope.Contracts.OpenAi;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Web;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>Which model a client's name means: ours, an operator's alias, or a family whose text model is meant.</summary>
internal sealed partial class OpenAiModels(
    CatalogHolder catalog, Routing routing, OpenAiOptions options, ILogger<OpenAiModels> logger)
{
    // Compressed once, as long as the list is the same.
    private readonly ConcurrentDictionary<KeyMode, TaggedAnswer> _kept = new();

    /// <summary>
    /// At the start, and no reason to refuse it: a catalogue of the operator's own may lack what the built-in aliases mean.
    /// </summary>
    public void WarnOfStrayAliases()
    {
        foreach (var (name, model) in options.ByName.Where(pair => Known(pair.Key, Attached.Nothing) is null))
        {
            LogStray(name, model, string.Join(" or ", catalog.Current.Names.Nearest(model, Attached.Nothing)));
        }
    }

    /// <param name="name">As the client wrote it.</param>
    /// <param name="media">What the endpoint makes; null where any will do.</param>
    /// <param name="attached">What comes with the request.</param>
    public Outcome<ModelSpec> Find(string? name, MediaType? media, Attached attached)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            return Problems.MissingModel.With("model is required.", "model", allowed: "an id from GET /v1/models");
        }

        if (Known(name, attached) is not { } model)
        {
            return Unknown(name, media, attached);
        }

        if (Retirement.Of(model) is { } retired)
        {
            return retired;
        }

        return media is null || model.MediaType == media
            ? model
            : Problems.InvalidModel.With(Elsewhere(model), "model", model.Id);
    }

    /// <summary>The list, which many clients ask for before everything else they do.</summary>
    public Answer Answer(Caller caller)
    {
        var mode = caller.Mode;
        var json = JsonAnswer.Of(List(mode, caller.Limits), OpenAiJson.Default.OpenAiModelList);
        if (caller.Limits.Models is not null)
        {
            return new TaggedAnswer(json).Answer();
        }

        if (_kept.GetValueOrDefault(mode) is not { } kept || !kept.Json.SequenceEqual(json))
        {
            kept = new TaggedAnswer(json);
            _kept[mode] = kept;
        }

        return kept.Answer();
    }

    /// <summary>Every model that a key of this mode can use, and the aliases of those.</summary>
    private OpenAiModelList List(KeyMode mode, KeyLimits limits)
    {
        var models = catalog.Current.Models.Where(model => IsListed(model, mode) && limits.AllowModel(model.Id)).Select(model => Describe(model.Id, model));
        var aliases = options.ByName.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (pair.Key, Model: Known(pair.Key, Attached.Nothing)))
            .Where(
                pair => pair.Model is not null && IsListed(pair.Model, mode) && limits.AllowModel(pair.Model.Id)
                    && catalog.Current.Models.All(model => model.Id != pair.Key))
            .Select(pair => Describe(pair.Key, pair.Model!));
        return new OpenAiModelList("list", [.. models, .. aliases]);
    }

    public static OpenAiModel Describe(string name, ModelSpec model) => new(
        name,
        "model",
        model.Lifecycle.Announced is { } day ? new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeSeconds() : 0,
        model.Vendor.ToLower(CultureInfo.InvariantCulture));

    /// <summary>The model of the family that accepts images, if this one accepts none; null if there is none.</summary>
    public ModelSpec? TakingImages(ModelSpec model) => ImageParameter(model) is not null
        ? model
        : catalog.Current.Names.Accepting(model, Attached.LegacyImage);

    /// <summary>The quality that the vendor is asked for in every picture of this model; null if the vendor has no such setting.</summary>
    public static string? OnlyQuality(ModelSpec model) => model.Routes.SelectMany(route => route.Fixed)
        .Where(field => field is { Path.Text: "quality", Value.ValueKind: JsonValueKind.String })
        .Select(field => field.Value.GetString())
        .FirstOrDefault();

    public static ParameterSpec? ImageParameter(ModelSpec model) =>
        model.Parameters.FirstOrDefault(parameter => parameter.Input is InputKind.Image);

    // An operator's alias wins over our own names: it is how `sora-2` is given to a model that lives.
    private ModelSpec? Known(string name, Attached attached)
    {
        var wanted = options.ByName.GetValueOrDefault(name, name);
        return catalog.Current.Find(wanted) is { } model && string.Equals(model.Id, wanted, StringComparison.OrdinalIgnoreCase)
            ? model
            : catalog.Current.Names.Find(wanted, attached);
    }

    private Problem Unknown(string name, MediaType? media, Attached attached)
    {
        var names = catalog.Current.Names;
        var near = names.Nearest(name, attached, media);
        var others = near.Count > 0 || media is null ? [] : names.Nearest(name, attached);
        var hint = near.Count > 0 ? $" Did you mean {string.Join(" or ", near)}?"
            : others.Count > 0 ? $" Did you mean {string.Join(" or ", others)}? {Elsewhere(catalog.Current.Find(others[0])!)}"
            : "";
        var shown = ShortText.Of(name);
        return Problems.InvalidModel.With(
            $"The model '{shown}' does not exist on this server.{hint} GET /v1/models lists every model.", "model", shown);
    }

    private static string Elsewhere(ModelSpec model) => model.MediaType is MediaType.Video
        ? $"{model.Id} makes videos. Send it to POST /v1/videos."
        : $"{model.Id} makes images. Send it to POST /v1/images/generations.";

    private bool IsListed(ModelSpec model, KeyMode mode) => Retirement.Of(model) is null && routing.IsAvailable(model, mode);

    [LoggerMessage(
        LogLevel.Warning,
        "OpenAi:Aliases gives the name {Name} to the model {Model}, which is not in the catalogue. Nearest: {Nearest}.")]
    private partial void LogStray(string name, string model, string nearest);
}
