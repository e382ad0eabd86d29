using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Admission.Requests;

/// <summary>Finds fields that a model does not have and says what was probably meant.</summary>
internal static class UnknownFields
{
    private static readonly string[] TopLevel = ["model", "prompt", "input", "options"];

    /// <summary>The parameter a field means, with the older dialect's single image.</summary>
    public static int? IndexOf(ModelSpec model, string name)
    {
        if (model.ParameterIndex.TryGetValue(name, out var index))
        {
            return index;
        }

        return name == DraftField.LegacyImage ? model.IndexOf("image_urls") ?? model.IndexOf("image_url") : null;
    }

    public static Problem? Find(ModelCatalog catalog, ModelSpec model, Draft draft)
    {
        for (var i = 0; i < draft.Fields.Count; i++)
        {
            var field = draft.Fields[i];
            if (field.Name is { } name && (IndexOf(model, name) is not null || model.Ignored.Contains(name)))
            {
                continue;
            }

            if (!ValueReader.IsAbsent(field.Value) || !IsKnownSomewhere(catalog, field.Name ?? field.Field))
            {
                return field.Name is null ? Misplaced(model, field) : Unknown(catalog, model, field);
            }
        }

        return null;
    }

    // Clients that serve several models send what all of them have, without values.
    private static bool IsKnownSomewhere(ModelCatalog catalog, string name) =>
        name == DraftField.LegacyImage || catalog.Models.Any(model => model.ParameterIndex.ContainsKey(name));

    private static Problem Misplaced(ModelSpec model, DraftField field)
    {
        if (model.ParameterIndex.ContainsKey(field.Field))
        {
            return Problems.UnknownParameter.With(
                $"{Name(field)} belongs inside input: {{\"input\":{{\"{field.Field}\":…}}}}.",
                Name(field),
                allowed: $"input.{field.Field}");
        }

        var nearest = EditDistance.Nearest(field.Field, TopLevel);
        return Problems.UnknownParameter.With(
            $"{Name(field)} is not a field of this request.{(nearest is null ? "" : $" Did you mean {nearest}?")}",
            Name(field),
            Given.Of(field.Value),
            string.Join(", ", TopLevel));
    }

    private static Problem Unknown(ModelCatalog catalog, ModelSpec model, DraftField field)
    {
        var names = model.Parameters.Select(parameter => parameter.Name).Prepend("prompt");
        var hint = EditDistance.Nearest(field.Name!, names) is { } nearest ? $" Did you mean {nearest}?" : "";
        if (field.Name is DraftField.LegacyImage or "image_urls" or "image_url" && catalog.ImageSibling(model) is { } sibling)
        {
            hint = $" {sibling.Id} accepts images.";
        }

        return Problems.UnknownParameter.With(
            $"{Name(field)} is not a parameter of {model.Id}.{hint}",
            Name(field),
            field.Value.ValueKind == JsonValueKind.Undefined ? null : Given.Of(field.Value),
            string.Join(", ", names));
    }

    private static string Name(DraftField field) => field.Field.Length > 80 ? $"{field.Field.AsSpan(0, 77)}…" : field.Field;
}
