using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Zoetrope.Contracts.OpenAi;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>Which model a client's name means: ours, an operator's alias, or a family whose text model is meant.</summary>
internal sealed partial class OpenAiModels(
    CatalogHolder catalog, Routing routing, OpenAiOptions options, ILogger<OpenAiModels> logger)
{
    /// <summary>
    /// At the start, and no reason to refuse it: a catalogue of the operator's own may lack what the built-in aliases mean.
    /// </summary>
    public void WarnOfStrayAliases()
    {
        foreach (var (name, model) in options.ByName.Where(pair => Known(pair.Key, media: null) is null))
        {
            LogStray(name, model, string.Join(" or ", catalog.Current.Nearest(model)));
        }
    }

    /// <param name="name">As the client wrote it.</param>
    /// <param name="media">What the endpoint makes; null where any will do.</param>
    public Outcome<ModelSpec> Find(string? name, MediaType? media)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            return Problems.MissingModel.With("model is required.", "model", allowed: "an id from GET /v1/models");
        }

        if (Known(name, media) is not { } model)
        {
            var nearest = catalog.Current.Nearest(name).Where(id => media is null || catalog.Current.Find(id)?.MediaType == media).ToList();
            var hint = nearest.Count > 0 ? $" Did you mean {string.Join(" or ", nearest)}?" : "";
            var shown = name.Length > 80 ? name[..80] + "…" : name;
            return Problems.InvalidModel.With(
                $"The model '{shown}' does not exist on this server.{hint} GET /v1/models lists every model.", "model", shown);
        }

        if (Retirement.Of(model) is { } retired)
        {
            return retired;
        }

        return media is null || model.MediaType == media
            ? model
            : Problems.InvalidModel.With(
                model.MediaType is MediaType.Video
                    ? $"{model.Id} makes videos. Send it to POST /v1/videos."
                    : $"{model.Id} makes images. Send it to POST /v1/images/generations.",
                "model",
                model.Id);
    }

    /// <summary>Every model that a key of this mode can use, and the aliases of those.</summary>
    public OpenAiModelList List(KeyMode mode)
    {
        var models = catalog.Current.Models.Where(model => IsListed(model, mode)).Select(model => Describe(model.Id, model));
        var aliases = options.ByName.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => (pair.Key, Model: Known(pair.Key, media: null)))
            .Where(
                pair => pair.Model is not null && IsListed(pair.Model, mode) && catalog.Current.Models.All(model => model.Id != pair.Key))
            .Select(pair => Describe(pair.Key, pair.Model!));
        return new OpenAiModelList("list", [.. models, .. aliases]);
    }

    public static OpenAiModel Describe(string name, ModelSpec model) => new(
        name,
        "model",
        model.Lifecycle.Announced is { } day ? new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeSeconds() : 0,
        model.Vendor.ToLower(CultureInfo.InvariantCulture));

    /// <summary>The model of the family that accepts images, if this one accepts none; null if there is none.</summary>
    public ModelSpec? TakingImages(ModelSpec model) => ImageParameter(model) is not null ? model : catalog.Current.ImageSibling(model);

    /// <summary>The quality that the vendor is asked for in every picture of this model; null if the vendor has no such setting.</summary>
    public static string? OnlyQuality(ModelSpec model) => model.Routes.SelectMany(route => route.Fixed)
        .Where(field => field is { Path.Text: "quality", Value.ValueKind: JsonValueKind.String })
        .Select(field => field.Value.GetString())
        .FirstOrDefault();

    public static ParameterSpec? ImageParameter(ModelSpec model) =>
        model.Parameters.FirstOrDefault(parameter => parameter.Input is InputKind.Image);

    // An operator's alias wins over our own names: it is how `sora-2` is given to a model that lives.
    private ModelSpec? Known(string name, MediaType? media)
    {
        var wanted = options.ByName.GetValueOrDefault(name, name);
        if (catalog.Current.Find(wanted) is { } model)
        {
            return model;
        }

        ImmutableArray<string> modes = media switch
        {
            MediaType.Image => ["text-to-image"],
            MediaType.Video => ["text-to-video"],
            _ => ["text-to-image", "text-to-video"],
        };
        return modes.Select(mode => catalog.Current.Find($"{wanted}-{mode}")).FirstOrDefault(found => found is not null);
    }

    private bool IsListed(ModelSpec model, KeyMode mode) => Retirement.Of(model) is null && routing.IsAvailable(model, mode);

    [LoggerMessage(
        LogLevel.Warning,
        "OpenAi:Aliases gives the name {Name} to the model {Model}, which is not in the catalogue. Nearest: {Nearest}.")]
    private partial void LogStray(string name, string model, string nearest);
}
