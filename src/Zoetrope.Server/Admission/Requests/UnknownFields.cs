using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Admission.Requests;

/// <summary>Finds fields that a model does not have and says what was probably meant.</summary>
internal static class UnknownFields
{
    /// <summary>The parameter a field means, with the older dialect's single image.</summary>
    public static int? IndexOf(ModelSpec model, string name) => Attached.PlaceIn(model, name);

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
                return field.Name is null ? Misplaced(model, draft, field) : Unknown(catalog, model, draft, field);
            }
        }

        return null;
    }

    // Clients that serve several models send what all of them have, without values.
    private static bool IsKnownSomewhere(ModelCatalog catalog, string name) =>
        name == DraftField.LegacyImage || catalog.Models.Any(model => model.ParameterIndex.ContainsKey(name));

    private static Problem Misplaced(ModelSpec model, Draft draft, DraftField field)
    {
        if (model.ParameterIndex.ContainsKey(field.Field))
        {
            return Problems.UnknownParameter.With(
                $"{Name(field)} belongs inside input: {{\"input\":{{\"{field.Field}\":…}}}}.",
                Name(field),
                allowed: $"input.{field.Field}");
        }

        var nearest = EditDistance.Nearest(field.Field, draft.OwnFields);
        return Problems.UnknownParameter.With(
            $"{Name(field)} is not a field of this request.{(nearest is null ? "" : $" Did you mean {nearest}?")}",
            Name(field),
            Given.Of(field.Value),
            string.Join(", ", draft.OwnFields));
    }

    private static Problem Unknown(ModelCatalog catalog, ModelSpec model, Draft draft, DraftField field)
    {
        // At the endpoints of the tools the parameters are the body, and a prompt is none of them.
        var parameters = model.Parameters.Select(parameter => parameter.Name);
        IReadOnlyList<string> names = field.Field == field.Name ? [.. parameters, .. draft.OwnFields]
            : model.Prompt.MaxLength > 0 ? ["prompt", .. parameters]
            : [.. parameters];
        var hint = EditDistance.Nearest(field.Name!, names) is { } nearest ? $" Did you mean {nearest}?" : "";
        var wanted = field.Name == "image_url" ? DraftField.LegacyImage : field.Name!;
        if (catalog.Names.Accepting(model, wanted) is { } sibling)
        {
            hint = wanted is DraftField.LegacyImage or "image_urls" ? $" {sibling.Id} accepts images." : $" {sibling.Id} accepts it.";
        }

        return Problems.UnknownParameter.With(
            $"{Name(field)} is not a parameter of {model.Id}.{hint}",
            Name(field),
            field.Value.ValueKind == JsonValueKind.Undefined ? null : Given.Of(field.Value),
            string.Join(", ", names));
    }

    private static string Name(DraftField field) => ShortText.Of(field.Field);
}
