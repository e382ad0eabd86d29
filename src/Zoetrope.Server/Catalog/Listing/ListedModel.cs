using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Schema;

namespace Zoetrope.Server.Catalog.Listing;

/// <summary>One model as the listing shows it: everything a client, a form or an agent needs to ask for it correctly.</summary>
internal static class ListedModel
{
    public static ModelListing Of(ModelSpec model, bool available) => new()
    {
        Id = model.Id,
        Name = model.Name,
        Vendor = model.Vendor,
        Family = model.Family,
        Type = model.MediaType.Word(),
        MediaType = model.MediaType.Word(),
        Mode = model.Mode,
        Aliases = model.Aliases,
        Description = model.Description,
        Available = available,
        Parameters = new OrderedDictionary<string, ModelParameter>(
            model.Parameters.Select(Parameter).Prepend(KeyValuePair.Create("prompt", Prompt(model.Prompt)))),
        MaxImages = model.MaxInputs(InputKind.Image),
        MaxVideos = model.MaxInputs(InputKind.Video),
        MaxAudios = model.MaxInputs(InputKind.Audio),
        Limits = Limits(model),
        Credits = ListingJson.Element(Credits(model)),
        PriceSource = model.PriceSource,
        Lifecycle = Lifecycle(model.Lifecycle),
        Assumed = model.Assumed,
        TypicalSeconds = model.TypicalSeconds,
        InputSchema = ListingJson.Element(InputSchema.Of(model)),
    };

    /// <summary>The price in the form of the catalogue, with the lowest price and that of the default request.</summary>
    public static JsonObject Credits(ModelSpec model)
    {
        var credits = JsonSerializer.SerializeToNode(model.Tariff, CatalogJson.Default.PriceEntry)!.AsObject();
        credits["from"] = ModelPrice.From(model);
        if (ModelPrice.Default(model) is { } example)
        {
            credits["example"] = example;
        }

        return credits;
    }

    // The words are those of the schema; only what a request must give is said in another way.
    private static KeyValuePair<string, ModelParameter> Parameter(ParameterSpec spec) => KeyValuePair.Create(
        spec.Name,
        InputSchema.Of(spec).Deserialize(ListingJson.Default.ModelParameter)! with
        {
            Required = spec.Required,
            RequiredWhen = spec.RequiredWhen is { } when ? $"{when.Parameter} = {when.Text}" : null,
        });

    private static ModelParameter Prompt(PromptSpec prompt) =>
        InputSchema.Of(prompt).Deserialize(ListingJson.Default.ModelParameter)! with { Required = prompt.Required };

    private static ModelLimits Limits(ModelSpec model) => new()
    {
        PromptMaxChars = model.Prompt.MaxLength,
        TotalVideoSeconds = model.TotalVideoSeconds,
        TotalAudioSeconds = model.TotalAudioSeconds,
        Files = new OrderedDictionary<string, ModelFileLimits>(model.Parameters
            .Where(parameter => parameter.Limits is not null)
            .Select(parameter => KeyValuePair.Create(parameter.Name, Files(parameter.Limits!, parameter.Input == InputKind.Image)))),
    };

    private static ModelFileLimits Files(InputLimits limits, bool image) => new()
    {
        MaxBytes = limits.MaxBytes,
        MaxMegapixels = image ? limits.MaxMegapixels : null,
        MinAspect = image ? limits.MinAspect : null,
        MaxAspect = image ? limits.MaxAspect : null,
        MinSeconds = limits.MinSeconds,
        MaxSeconds = limits.MaxSeconds,
        ContentTypes = limits.ContentTypes,
    };

    private static ModelLifecycle Lifecycle(Lifecycle lifecycle) => new(lifecycle.Status.ToString().ToLowerInvariant())
    {
        Announced = Day(lifecycle.Announced),
        Shutdown = Day(lifecycle.Shutdown),
        Replacement = lifecycle.Replacement,
        Note = lifecycle.Note,
    };

    private static string? Day(DateOnly? date) => date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
